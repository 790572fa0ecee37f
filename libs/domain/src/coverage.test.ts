import { describe, expect, it } from 'vitest';
import { coverageOf, dayUse, utilisation } from './coverage.js';

const HOUR = 3_600_000;
const start = Date.UTC(2026, 4, 1);
const at = (hours: number) => new Date(start + hours * HOUR);
const hours = (...numbers: number[]) => numbers.map((number) => start + number * HOUR);
const window = { from: at(0), to: at(10) };

describe('coverage: based on N of M reporting, X h of gaps', () => {
  it('counts series and hours', () => {
    const always = { expectedFrom: at(-5), expectedTo: null, aliveHours: hours(0, 1, 2, 3, 4, 5, 6, 7, 8, 9) };
    const sometimes = { expectedFrom: at(4), expectedTo: null, aliveHours: hours(4, 5) };
    const silent = { expectedFrom: at(0), expectedTo: at(3), aliveHours: [] };
    expect(coverageOf([always, sometimes, silent], window)).toEqual({
      kind: 'value',
      expected: 3,
      reporting: 2,
      expectedHours: 19, // 10 + 6 + 3
      gapHours: 7, // 0 + 4 + 3
      share: 12 / 19,
    });
  });

  it('asks nothing of hours covered in part, and ignores signs of life outside', () => {
    const series = { expectedFrom: at(1.5), expectedTo: at(4.5), aliveHours: hours(1, 2, 2, 4, 20) };
    expect(coverageOf([series], window)).toMatchObject({ expectedHours: 2, gapHours: 1 }); // hours 2 and 3; alive in 2
  });

  it.each([
    ['no series', []],
    ['a series that comes later', [{ expectedFrom: at(11), expectedTo: null, aliveHours: hours(11) }]],
    ['a series of less than an hour', [{ expectedFrom: at(1.1), expectedTo: at(1.9), aliveHours: hours(1) }]],
  ])('names the outcome for %s (rule B8)', (_name, series) => {
    expect(coverageOf(series, window)).toEqual({ kind: 'no_expectation' });
  });
});

describe('utilisation (rule U12)', () => {
  it.each([
    [{ uses: 2, isAlive: true }, 'used'],
    [{ uses: 1, isAlive: false }, 'used'],
    [{ uses: 0, isAlive: true }, 'unused'],
    [{ uses: 0, isAlive: false }, 'unknown'],
  ])('%o is %s', (facts, use) => {
    expect(dayUse(facts)).toBe(use);
  });

  it('counts only known days and says how many were left out', () => {
    expect(utilisation(['used', 'used', 'used', 'unused', 'unknown', 'unknown'])).toEqual({
      kind: 'value',
      value: 0.75, // 3 of 4 known
      knownDays: 4,
      unknownDays: 2,
    });
    expect(utilisation(['unknown'])).toEqual({ kind: 'no_data', unknownDays: 1 });
  });
});
