/** The bytes of a file are no text in any encoding that is read. */
export class UnreadableText extends Error {
  override readonly name = 'UnreadableText';
}

/** How a file's bytes are read. */
export type TextEncoding = 'utf-8' | 'utf-16le' | 'windows-1252';

const NOTHING = new Uint8Array();

/**
 * Turns the bytes of a text file into text, piece by piece: UTF-8 with or without a byte order mark, UTF-16 as Excel
 * saves it (with its mark), and else Windows-1252. The first byte beyond ASCII decides between UTF-8 and Windows-1252;
 * a file that is neither throughout throws {@link UnreadableText}. So does a NUL, which no text holds.
 */
export class TextReader {
  private encoding: TextEncoding | null = null;
  private decoder: InstanceType<typeof TextDecoder> | null = null;
  private isStart = true;
  /** The start of a character whose end has not come yet, or a mark that is not whole. */
  private kept: Uint8Array = NOTHING;

  /** The text of the next piece, as far as its characters are whole. */
  read(piece: Uint8Array): string {
    const bytes = joined(this.kept, piece);
    this.kept = NOTHING;
    if (this.isStart && bytes.length < 3) {
      this.kept = bytes;
      return '';
    }
    return checked(this.decode(bytes, false));
  }

  /** The rest; throws when a character was cut off. */
  end(): string {
    const bytes = this.kept;
    this.kept = NOTHING;
    return checked(this.decode(bytes, true));
  }

  private decode(bytes: Uint8Array, isLast: boolean): string {
    if (this.isStart) this.readMark(bytes);
    if (this.decoder) return this.decodeKnown(bytes, isLast);
    if (bytes.every((byte) => byte < 0x80)) return new TextDecoder().decode(bytes);
    return this.decide(bytes, isLast);
  }

  private readMark(bytes: Uint8Array): void {
    this.isStart = false;
    if (bytes[0] === 0xff && bytes[1] === 0xfe) this.choose('utf-16le');
    else if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.choose('utf-8');
  }

  /** A character may be cut at the end of the piece: only what is whole is looked at, the rest waits. */
  private decide(bytes: Uint8Array, isLast: boolean): string {
    const whole = isLast ? bytes : bytes.subarray(0, wholeCharacters(bytes));
    if (isUtf8(whole)) {
      const isUndecided = whole.every((byte) => byte < 0x80);
      if (!isUndecided) this.choose('utf-8');
      else if (isLast && bytes.length > whole.length) this.choose('windows-1252');
      if (!this.decoder) {
        this.kept = bytes.subarray(whole.length);
        return new TextDecoder().decode(whole);
      }
    } else this.choose('windows-1252');
    return this.decodeKnown(bytes, isLast);
  }

  private choose(encoding: TextEncoding): void {
    this.encoding = encoding;
    this.decoder = new TextDecoder(encoding, { fatal: true });
  }

  private decodeKnown(bytes: Uint8Array, isLast: boolean): string {
    try {
      return this.decoder?.decode(bytes, { stream: !isLast }) ?? '';
    } catch (cause) {
      throw new UnreadableText(`the file is not ${this.encoding} throughout: save it as UTF-8`, { cause });
    }
  }
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  if (one.length === 0) return other;
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

/** How many bytes of a text in UTF-8 make up whole characters. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function checked(text: string): string {
  if (text.includes('\0')) throw new UnreadableText('the file holds NUL characters: it is no text');
  return text;
}
