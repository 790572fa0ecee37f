import { CONTROL_CHARACTER } from '#telemetry';

/** A payload as it can be shown. */
export interface ShownPayload {
  readonly text: string;
  /** The text is the bytes in hexadecimal: they are no text themselves. */
  readonly isHexadecimal: boolean;
}

const HEX_DIGITS_A_BYTE = 3; // with the blank after them

/**
 * A payload as text of at most so many characters; in hexadecimal where it is binary. The last character of a payload
 * that was cut short may be half of one.
 */
export function payloadText(bytes: Buffer, characters: number): ShownPayload {
  const text = bytes.toString();
  if (isText(bytes) && !CONTROL_CHARACTER.test(text)) {
    return { text: [...text].slice(0, characters).join(''), isHexadecimal: false };
  }
  const shown = bytes.subarray(0, Math.floor(characters / HEX_DIGITS_A_BYTE)).toString('hex');
  return { text: shown.replaceAll(/..(?=.)/g, '$& '), isHexadecimal: true };
}

/** UTF-8, as far as its characters are whole: as a stream, what begins at the end may still come. */
function isText(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

const HEXADECIMAL = /^([0-9a-f]{2})+$/i;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The bytes that a pasted text stands for: hexadecimal digits, else base64, else the text itself. */
export function bytesOf(pasted: string): Buffer {
  const text = pasted.replaceAll(/\s/g, '');
  if (HEXADECIMAL.test(text)) return Buffer.from(text, 'hex');
  return BASE64.test(text) ? Buffer.from(text, 'base64') : Buffer.from(pasted);
}
