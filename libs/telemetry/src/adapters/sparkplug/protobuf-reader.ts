import { isUtf8 } from 'node:buffer';

/** How a field's value stands on the wire. 3 and 4 open and close a group, which nobody writes any more. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, open: 3, close: 4, fixed32: 5 } as const;

/** A field's number and the way its value is written. */
export interface Tag {
  readonly number: number;
  readonly wire: number;
}

const MAX_GROUPS = 8;
const MAX_VARINT_BYTES = 10;
/** 49 bits: what so many bytes hold is exact as a number. */
const MAX_SHORT_BYTES = 7;
const NOTHING = Buffer.alloc(0);

/**
 * Protocol Buffers' wire format, read from a message's first byte to its last. Never throws: the first fault is kept
 * with its place, and from then on there is nothing more to read, here and in every message around or within.
 */
export class ProtobufReader {
  private at: number;
  private readonly end: number;

  constructor(
    private readonly whole: Buffer,
    private readonly first: { fault: string | null } = { fault: null },
    within: { from: number; to: number } = { from: 0, to: whole.length },
  ) {
    this.at = within.from;
    this.end = within.to;
  }

  /** What is wrong, and at which byte of the whole; null while all is well. */
  get fault(): string | null {
    return this.first.fault;
  }

  /** Keeps the first fault only: what follows one may come of it. */
  fail(what: string): void {
    this.first.fault ??= `${what} at byte ${this.at}`;
  }

  /** The next field's tag; null at the end of the message, or at a fault. */
  next(): Tag | null {
    if (this.fault !== null || this.at >= this.end) return null;
    const tag = this.number();
    if (tag < 8 || tag > 0xffff_ffff) this.fail('a tag that is none');
    return this.fault === null ? { number: tag >>> 3, wire: tag & 7 } : null;
  }

  /** A varint of up to 64 bits, exactly. */
  uint64(): bigint {
    const short = this.short();
    return short === null ? this.long() : BigInt(short);
  }

  /** A varint as the number next to it, which it is up to 2^53. */
  number(): number {
    return this.short() ?? Number(this.long());
  }

  /** A varint's lower 32 bits: a negative number is written with all 64. */
  uint32(): number {
    const short = this.short();
    return short === null ? Number(this.long() & 0xffff_ffffn) : short >>> 0;
  }

  bool(): boolean {
    return this.number() !== 0;
  }

  float(): number {
    const from = this.take(4);
    return this.fault === null ? this.whole.readFloatLE(from) : 0;
  }

  double(): number {
    const from = this.take(8);
    return this.fault === null ? this.whole.readDoubleLE(from) : 0;
  }

  /** UTF-8 text; anything else is a fault. */
  text(): string {
    const bytes = this.bytes();
    if (!isUtf8(bytes)) this.fail('a text that is no UTF-8');
    return this.fault === null ? bytes.toString() : '';
  }

  /** The reader of a message within. */
  message(): ProtobufReader {
    const length = this.length();
    const from = this.take(length);
    const to = this.fault === null ? from + length : from;
    return new ProtobufReader(this.whole, this.first, { from, to });
  }

  /** Passes over a field that nobody asked for. */
  skip({ number, wire }: Tag, depth = 0): void {
    if (wire === WIRE.varint) this.number();
    else if (wire === WIRE.fixed64) this.take(8);
    else if (wire === WIRE.bytes) this.take(this.length());
    else if (wire === WIRE.fixed32) this.take(4);
    else if (wire === WIRE.open && depth < MAX_GROUPS) this.skipGroup(number, depth);
    else this.fail(`field ${number} of wire type ${wire}`);
  }

  private skipGroup(opened: number, depth: number): void {
    for (let tag = this.next(); tag !== null; tag = this.next()) {
      if (tag.wire === WIRE.close && tag.number === opened) return;
      this.skip(tag, depth + 1);
    }
    this.fail(`group ${opened} without an end`);
  }

  private bytes(): Buffer {
    const length = this.length();
    const from = this.take(length);
    return this.fault === null ? this.whole.subarray(from, from + length) : NOTHING;
  }

  /** What goes beyond the message is found by {@link take}. */
  private length(): number {
    return this.number();
  }

  /** Nearly every varint is short, and a bigint takes ten times as long. Null, and nothing read, where it is not. */
  private short(): number | null {
    if (this.fault !== null) return null;
    const end = Math.min(this.end, this.at + MAX_SHORT_BYTES);
    let value = 0;
    for (let at = this.at, factor = 1; at < end; at += 1, factor *= 0x80) {
      const byte = this.whole[at] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return ((this.at = at + 1), value);
    }
    return null;
  }

  /** A varint of up to 64 bits, with what is wrong with it. */
  private long(): bigint {
    let value = 0n;
    for (let index = 0; index < MAX_VARINT_BYTES; index += 1) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte >= 0x80) continue;
      if (value > 0xffff_ffff_ffff_ffffn) this.fail('a varint of more than 64 bits');
      return this.fault === null ? value : 0n;
    }
    this.fail('a varint of more than 10 bytes');
    return 0n;
  }

  private byte(): number {
    const from = this.take(1);
    return this.fault === null ? (this.whole[from] ?? 0) : 0;
  }

  /** Steps over so many bytes; answers where they began. */
  private take(count: number): number {
    const from = this.at;
    if (count > this.end - from) this.fail(`${count} bytes wanted, ${this.end - from} left`);
    else this.at += count;
    return from;
  }
}

/** One field of a message: what it is called, how it is written, and what is done with it. */
export type Field<T> = readonly [name: string, wire: number, take: (into: T, reader: ProtobufReader) => void];

/** Reads a message's known fields into `into` and passes over the others; a known field written otherwise is a fault. */
export function readFields<T>(into: T, fields: Readonly<Record<number, Field<T>>>, reader: ProtobufReader): T {
  for (let tag = reader.next(); tag !== null; tag = reader.next()) {
    const field = fields[tag.number];
    if (field === undefined) reader.skip(tag);
    else if (field[1] === tag.wire) field[2](into, reader);
    else reader.fail(`${field[0]} is of wire type ${tag.wire} instead of ${field[1]}`);
  }
  return into;
}
