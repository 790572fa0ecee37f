import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { add, divide, exact, multiply, roundHalfUp, subtract, toNumber } from './exact.js';

describe('exact arithmetic (rule B6)', () => {
  it.each([
    [0.3, 3n, 10n],
    [-0.25, -1n, 4n],
    [1e21, 10n ** 21n, 1n],
    [1.5e-7, 3n, 20_000_000n],
    [0, 0n, 1n],
    [-0, 0n, 1n],
  ])('reads %d as its shortest decimal text says it', (value, numerator, denominator) => {
    expect(exact(value)).toEqual({ numerator, denominator });
  });

  it.each([Number.NaN, Infinity, -Infinity])('refuses %d', (value) => {
    expect(() => exact(value)).toThrow(expect.objectContaining({ code: 'number_not_finite' }));
  });

  it('adds 0.1 and 0.2 to 0.3', () => {
    expect(add(exact(0.1), exact(0.2))).toEqual(exact(0.3));
  });

  it.each([
    [0.5, 1n],
    [-0.5, 0n],
    [-0.6, -1n],
    [-1.5, -1n],
    [2.4999, 2n],
    [2.5, 3n],
    [-2, -2n],
  ])('rounds %d half up to %d', (value, rounded) => {
    expect(roundHalfUp(exact(value))).toBe(rounded);
  });

  it('refuses to divide by zero', () => {
    expect(() => divide(exact(1), exact(0))).toThrow(expect.objectContaining({ code: 'division_by_zero' }));
  });

  it.each([
    [divide(exact(1), exact(3)), 0.333333333333],
    [divide(exact(-2), exact(3)), -0.666666666667],
    [exact(-0.05), -0.05],
    [exact(123_456_789.25), 123_456_789.25],
  ])('shows a fraction with 12 decimals (%#)', (fraction, shown) => {
    expect(toNumber(fraction)).toBe(shown);
  });

  it('multiplies and divides back, adds and subtracts back, for any two numbers', () => {
    const numbers = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 });
    fc.assert(
      fc.property(numbers, numbers, (one, other) => {
        expect(subtract(add(exact(one), exact(other)), exact(other))).toEqual(exact(one));
        if (other !== 0) expect(divide(multiply(exact(one), exact(other)), exact(other))).toEqual(exact(one));
      }),
    );
  });
});
