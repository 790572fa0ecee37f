import { RuleViolation } from './errors.js';

/**
 * An exact fraction, in lowest terms with a denominator above 0: money is computed exactly and rounded once (rule B6).
 * Released formulas stand on this file: its results never change.
 */
export interface Exact {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/;

/** The number as its shortest decimal text says it: 0.3 is 3/10. Throws `number_not_finite`. */
export function exact(value: number | bigint): Exact {
  // Most values are whole: their text, which a larger number's exponent stands in, need not be read.
  if (Number.isSafeInteger(value)) return { numerator: BigInt(value), denominator: 1n };
  const match = DECIMAL.exec(String(value));
  if (match === null) {
    throw new RuleViolation('number_not_finite', `${value} cannot be computed with: give a finite number.`);
  }
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = BigInt(`${sign}${whole}${fraction}`);
  const power = Number(exponent) - fraction.length;
  return power >= 0 ? ratio(digits * 10n ** BigInt(power), 1n) : ratio(digits, 10n ** BigInt(-power));
}

/** The fraction in lowest terms. Throws `division_by_zero`. */
export function ratio(numerator: bigint, denominator: bigint): Exact {
  if (denominator === 1n) return { numerator, denominator };
  if (denominator === 0n) throw new RuleViolation('division_by_zero', 'Division by zero: name the outcome before.');
  const divisor = greatestCommonDivisor(numerator, denominator);
  const sign = denominator < 0n ? -1n : 1n;
  return { numerator: (sign * numerator) / divisor, denominator: (sign * denominator) / divisor };
}

function greatestCommonDivisor(one: bigint, other: bigint): bigint {
  let [a, b] = [one < 0n ? -one : one, other < 0n ? -other : other];
  while (b > 0n) [a, b] = [b, a % b];
  return a === 0n ? 1n : a;
}

export const ZERO: Exact = { numerator: 0n, denominator: 1n };

export function add(one: Exact, other: Exact): Exact {
  return ratio(
    one.numerator * other.denominator + other.numerator * one.denominator,
    one.denominator * other.denominator,
  );
}

export function subtract(one: Exact, other: Exact): Exact {
  return add(one, { numerator: -other.numerator, denominator: other.denominator });
}

export function multiply(...factors: readonly Exact[]): Exact {
  return factors.reduce((product, factor) =>
    ratio(product.numerator * factor.numerator, product.denominator * factor.denominator),
  );
}

/** Throws `division_by_zero`. */
export function divide(dividend: Exact, divisor: Exact): Exact {
  return ratio(dividend.numerator * divisor.denominator, dividend.denominator * divisor.numerator);
}

export function sum(terms: readonly Exact[]): Exact {
  return terms.reduce(add, ZERO);
}

/** The `exponent`-th power; the exponent is a whole number from 0. */
export function power(base: Exact, exponent: number): Exact {
  return { numerator: base.numerator ** BigInt(exponent), denominator: base.denominator ** BigInt(exponent) };
}

/** −1, 0 or 1: the sign of the fraction. */
export function signOf({ numerator }: Exact): -1 | 0 | 1 {
  return numerator > 0n ? 1 : numerator < 0n ? -1 : 0;
}

/** The nearest whole number, a half going up: 0.5 → 1, −0.5 → 0, −0.6 → −1. */
export function roundHalfUp({ numerator, denominator }: Exact): bigint {
  return floorDivide(2n * numerator + denominator, 2n * denominator);
}

function floorDivide(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  return numerator % denominator !== 0n && numerator < 0n ? quotient - 1n : quotient;
}

const TO_12_DECIMALS: Exact = { numerator: 10n ** 12n, denominator: 1n };

/** The fraction as a number, right to 12 decimals: for figures that are shown, not computed on. */
export function toNumber(fraction: Exact): number {
  const scaled = roundHalfUp(multiply(fraction, TO_12_DECIMALS));
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(13, '0');
  return Number(`${scaled < 0n ? '-' : ''}${digits.slice(0, -12)}.${digits.slice(-12)}`);
}
