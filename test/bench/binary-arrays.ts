/** PostgreSQL's binary array format, for the reference program: pg sends a Buffer as a binary parameter. */
function binaryArray(
  oid: number,
  width: number,
  values: ArrayLike<number | bigint>,
  write: (into: Buffer, at: number, index: number) => void,
): Buffer {
  const out = Buffer.allocUnsafe(20 + values.length * (4 + width));
  out.writeInt32BE(1, 0); // dimensions
  out.writeInt32BE(0, 4); // no nulls
  out.writeInt32BE(oid, 8);
  out.writeInt32BE(values.length, 12);
  out.writeInt32BE(1, 16); // lower bound
  for (let index = 0, at = 20; index < values.length; index += 1, at += 4 + width) {
    out.writeInt32BE(width, at);
    write(out, at + 4, index);
  }
  return out;
}

export const int4Array = (values: number[]): Buffer =>
  binaryArray(23, 4, values, (into, at, index) => into.writeInt32BE(values[index] ?? 0, at));
export const int8Array = (values: bigint[]): Buffer =>
  binaryArray(20, 8, values, (into, at, index) => into.writeBigInt64BE(values[index] ?? 0n, at));
export const float8Array = (values: number[]): Buffer =>
  binaryArray(701, 8, values, (into, at, index) => into.writeDoubleBE(values[index] ?? 0, at));

/** Microseconds from 1970 to PostgreSQL's epoch, 2000-01-01. */
const EPOCH_US = 946_684_800_000_000;
/** Unix milliseconds as timestamptz[]. */
export const timestamptzArray = (values: number[]): Buffer =>
  binaryArray(1184, 8, values, (into, at, index) =>
    into.writeBigInt64BE(BigInt((values[index] ?? 0) * 1000 - EPOCH_US), at),
  );
