import type { Scalar } from '#domain';
import { isScalar } from '../reading.js';
import type { Metric, WrittenValue } from './payload.js';

/** The datatypes that decide what an integer means. */
const SIGNED_BITS = new Map([
  [1, 8],
  [2, 16],
  [3, 32],
  [4, 64],
]);
const UNKNOWN = 0;
const BAD = 0;
const STALE = 500;

/** A metric's value; null where it has none that can be compared and counted; undefined where only its birth tells. */
export function valueOf(metric: Metric, datatype: number): Scalar | null | undefined {
  const { value, isNull, quality } = metric;
  // The sender says itself that it does not know the value.
  if (isNull || value === null || quality === BAD || quality === STALE) return null;
  if ('integer' in value) return integerOf(value, datatype);
  const scalar = 'number' in value ? numberOf(value) : value.scalar;
  return isScalar(scalar) ? scalar : null;
}

/** Signed numbers are written as unsigned ones of as many bits; beyond 2^53 an exact text stands for the number. */
function integerOf(
  { integer, bits }: Extract<WrittenValue, { integer: bigint }>,
  datatype: number,
): Scalar | undefined {
  const signedBits = SIGNED_BITS.get(datatype);
  if (datatype === UNKNOWN && integer >> BigInt(bits - 1) !== 0n) return undefined;
  const exact = signedBits === undefined ? integer : BigInt.asIntN(signedBits, integer);
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : String(exact);
}

/** A float of 32 bits as the shortest decimal number that is that float: 21.7 and not 21.700000762939453. */
function numberOf({ number, isSingle }: Extract<WrittenValue, { number: number }>): number {
  if (!isSingle || !Number.isFinite(number)) return number;
  for (let digits = 6; digits < 9; digits += 1) {
    const shorter = Number(number.toPrecision(digits));
    if (Math.fround(shorter) === number) return shorter;
  }
  return Number(number.toPrecision(9));
}
