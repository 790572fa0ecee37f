import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hideSmallCounts } from './small-counts.js';

describe('small counts (rules K1, P4)', () => {
  it.each<[string, number[], [parts: (number | null)[], total: number | null]]>([
    ['nothing is small', [5, 12], [[5, 12], 17]],
    ['one is small: the next smallest hides it', [2, 30, 9], [[null, 30, null], 41]], // else 41 − 30 − 9 = 2
    ['two small ones hide each other', [4, 30, 3], [[null, 30, null], 37]],
    ['two of one each do not: 2 in all can only be 1 + 1', [1, 1, 30, 8], [[null, null, 30, null], 40]],
    ['a single unit: the whole is as small', [3], [[null], null]],
    ['a small one with no other', [3, 0], [[null, 0], null]],
    ['all small, together large enough', [2, 3], [[null, null], 5]],
    ['all small, together too small', [2, 2], [[null, null], null]],
    ['none at all', [0, 0], [[0, 0], 0]],
  ])('%s', (_name, counts, [parts, total]) => {
    expect(hideSmallCounts(counts)).toEqual({ parts, total });
  });

  it('never leave exactly one part to be found by subtraction', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(12), { maxLength: 12 }), (counts) => {
        const { parts, total } = hideSmallCounts(counts);
        const hidden = counts.filter((_, index) => parts[index] === null);
        expect(parts.every((part) => part === null || part === 0 || part >= 5)).toBe(true);
        if (total === null || hidden.length === 0) return;
        expect(hidden.length).toBeGreaterThan(1);
        expect(hidden.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(5);
      }),
    );
  });
});
