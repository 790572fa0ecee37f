import { describe, expect, it } from 'vitest';
import { addDays, addMonths, daysBetween, isDay, listDays, wholeMonthsBetween } from './calendar-date.js';

describe('dates', () => {
  it.each([
    ['2026-02-28', true],
    ['2026-02-29', false],
    ['2028-02-29', true],
    ['2026-13-01', false],
    ['2026-01-01T00:00:00Z', false],
  ])('%s exists: %s', (text, exists) => {
    expect(isDay(text)).toBe(exists);
  });

  it.each([
    ['2026-01-31', 1, '2026-02-28'],
    ['2028-01-31', 1, '2028-02-29'],
    ['2026-11-15', 3, '2027-02-15'],
    ['2026-03-31', -1, '2026-02-28'],
    ['2026-12-31', 12, '2027-12-31'],
  ])('%s and %d months is %s', (day, months, later) => {
    expect(addMonths(day, months)).toBe(later);
  });

  it.each([
    ['2026-01-15', '2026-03-14', 1],
    ['2026-01-15', '2026-03-15', 2],
    ['2026-01-31', '2026-02-28', 1],
    ['2026-03-15', '2026-01-15', -2],
    ['2026-03-15', '2026-01-16', -2],
    ['2026-03-15', '2026-01-14', -3],
  ])('%s to %s has %d whole months', (from, to, months) => {
    expect(wholeMonthsBetween(from, to)).toBe(months);
  });

  it('counts days over a change of clocks as dates, not hours', () => {
    expect(daysBetween('2026-03-28', '2026-03-30')).toBe(2);
    expect(addDays('2026-10-24', 2)).toBe('2026-10-26');
    expect(listDays('2026-02-27', '2026-03-01')).toEqual(['2026-02-27', '2026-02-28']);
    expect(listDays('2026-03-01', '2026-02-27')).toEqual([]);
  });
});
