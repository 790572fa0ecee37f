/** How PostgreSQL stores one element: its type, its bytes, and how they are written. */
interface Element<T> {
  oid: number;
  width: number;
  write: (into: Buffer, value: T, at: number) => void;
}

/** PostgreSQL's binary array format, for the reference program: pg sends a Buffer as a binary parameter. */
function binaryArray<T>({ oid, width, write }: Element<T>, values: readonly T[]): Buffer {
  const out = Buffer.allocUnsafe(20 + values.length * (4 + width));
  out.writeInt32BE(1, 0); // dimensions
  out.writeInt32BE(0, 4); // no nulls
  out.writeInt32BE(oid, 8);
  out.writeInt32BE(values.length, 12);
  out.writeInt32BE(1, 16); // lower bound
  let at = 20;
  for (const value of values) {
    out.writeInt32BE(width, at);
    write(out, value, at + 4);
    at += 4 + width;
  }
  return out;
}

const INT4: Element<number> = { oid: 23, width: 4, write: (into, value, at) => into.writeInt32BE(value, at) };
const INT8: Element<bigint> = { oid: 20, width: 8, write: (into, value, at) => into.writeBigInt64BE(value, at) };
const FLOAT8: Element<number> = { oid: 701, width: 8, write: (into, value, at) => into.writeDoubleBE(value, at) };
/** Microseconds from 1970 to PostgreSQL's epoch, 2000-01-01. */
const EPOCH_US = 946_684_800_000_000;
const TIMESTAMPTZ: Element<number> = {
  oid: 1184,
  width: 8,
  write: (into, unixMs, at) => into.writeBigInt64BE(BigInt(unixMs * 1000 - EPOCH_US), at),
};

export const int4Array = (values: readonly number[]): Buffer => binaryArray(INT4, values);
export const int8Array = (values: readonly bigint[]): Buffer => binaryArray(INT8, values);
export const float8Array = (values: readonly number[]): Buffer => binaryArray(FLOAT8, values);
/** Unix milliseconds as timestamptz[]. */
export const timestamptzArray = (values: readonly number[]): Buffer => binaryArray(TIMESTAMPTZ, values);
