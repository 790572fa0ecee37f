import { isUtf8 } from 'node:buffer';

/** A payload as it can be shown. */
export interface ShownPayload {
  readonly text: string;
  /** The text is the bytes in hexadecimal: they are no text themselves. */
  readonly isHexadecimal: boolean;
}

const HEX_DIGITS_A_BYTE = 3; // with the blank after them
// eslint-disable-next-line no-control-regex -- to find control characters is what it is for
const CONTROL_CHARACTER = /[\0-\x08\x0b\x0c\x0e-\x1f]/;

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

/** A character of UTF-8 takes up to four bytes. */
const isText = (bytes: Buffer): boolean =>
  [0, 1, 2, 3].some((cut) => cut <= bytes.length && isUtf8(bytes.subarray(0, bytes.length - cut)));

const HEXADECIMAL = /^([0-9a-f]{2})+$/i;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The bytes that a pasted text stands for: hexadecimal digits, else base64, else the text itself. */
export function bytesOf(pasted: string): Buffer {
  const text = pasted.replaceAll(/\s/g, '');
  if (HEXADECIMAL.test(text)) return Buffer.from(text, 'hex');
  return BASE64.test(text) ? Buffer.from(text, 'base64') : Buffer.from(pasted);
}
