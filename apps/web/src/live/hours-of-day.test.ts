import { describe, expect, it } from 'vitest';
import { hoursOfDay } from './hours-of-day.js';

const lock = { family: 'keyless_lock', metric: 'unlock', timeZone: 'Europe/Stockholm' } as const;
const row = (hour: string, count: number) => ({ hour, family: 'keyless_lock' as const, metric: 'unlock', count });

describe('the hours of a municipality’s day', () => {
  it.each([
    ['2026-11-22', 24],
    ['2026-03-29', 23], // summer time begins
    ['2026-10-25', 25], // and ends
  ])('%s has %i hours', (day, length) => {
    expect(hoursOfDay({ ...lock, day, asOf: `${day}T12:00:00Z`, hours: [] })).toHaveLength(length);
  });

  it('starts at local midnight, puts each UTC hour in its place and leaves the future open', () => {
    const hours = [row('2026-11-21T23:00:00Z', 2), row('2026-11-22T01:00:00Z', 5)];
    const bars = hoursOfDay({ ...lock, day: '2026-11-22', asOf: '2026-11-22T01:20:00Z', hours });
    // 23:00Z = 00:00 in Stockholm, so 01:00Z is the third hour, and it is not over
    expect(bars.slice(0, 4).map(({ count, isNow }) => [count, isNow])).toEqual([
      [2, false],
      [0, false],
      [5, true],
      [null, false],
    ]);
  });

  it('counts only the asked metric', () => {
    const hours = [{ ...row('2026-11-21T23:00:00Z', 2), metric: 'battery' }];
    expect(hoursOfDay({ ...lock, day: '2026-11-22', asOf: '2026-11-22T01:20:00Z', hours })[0]?.count).toBe(0);
  });
});
