import { describe, expect, it } from 'vitest';
import { divide, exact } from './exact.js';
import { assertOre, multiplyOre, roundToOre, sumOre } from './money.js';

describe('money in öre (rule B6)', () => {
  it.each([
    [5, 0.5, 3], // 2.5 → 3
    [-5, 0.5, -2], // −2.5 → −2: a half goes up
    [105, 1.1, 116], // 115.5 → 116; binary floating point says 115.50000000000001, which happens to agree
    [35, 1.1, 39], // 38.5 → 39
    [100, 1.005, 101], // 100.5 → 101; floating point says 100.49999999999999 → 100
    [0, 3, 0],
  ])('%d öre × %d = %d öre', (amount, factor, product) => {
    expect(multiplyOre(amount, factor)).toBe(product);
  });

  it('rounds once, after exact arithmetic', () => {
    expect(roundToOre(divide(exact(10_000), exact(3)))).toBe(3333); // 3 333.33…
  });

  it('sums rounded lines', () => {
    expect(sumOre([333, 333, 333])).toBe(999);
    expect(sumOre([])).toBe(0);
  });

  it.each([0.5, Number.NaN, 2 ** 53])('refuses %d as an amount', (amount) => {
    expect(() => assertOre(amount, 'price')).toThrow(expect.objectContaining({ code: 'amount_not_whole_ore' }));
  });

  it('refuses a total that cannot be kept exactly', () => {
    const largest = Number.MAX_SAFE_INTEGER;
    expect(() => sumOre([largest, largest])).toThrow(expect.objectContaining({ code: 'amount_too_large' }));
    expect(sumOre([largest, largest, -largest])).toBe(largest);
  });
});
