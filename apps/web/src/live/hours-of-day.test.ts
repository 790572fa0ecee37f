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
    expect(hoursOfDay({ ...lock, asOf: `${day}T12:00:00Z`, hours: [] })).toHaveLength(length);
  });

  it('starts at local midnight, puts each UTC hour in its place and leaves the future open', () => {
    const hours = [row('2026-11-21T23:00:00Z', 2), row('2026-11-22T01:00:00Z', 5)];
    const bars = hoursOfDay({ ...lock, asOf: '2026-11-22T01:20:00Z', hours });
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
    expect(hoursOfDay({ ...lock, asOf: '2026-11-22T01:20:00Z', hours })[0]?.count).toBe(0);
  });

  it('runs from noon to noon for night products (rule U4)', () => {
    const night = { timeZone: 'Europe/Stockholm', family: 'sleep_robot', metric: 'session' } as const;
    const hours = [{ hour: '2026-11-21T22:00:00Z', family: night.family, metric: night.metric, count: 4 }];
    const bars = hoursOfDay({ ...night, asOf: '2026-11-22T01:20:00Z', hours });
    // 11:00Z on the 21st is noon in Stockholm; 22:00Z is eleven hours later
    expect([bars[0]?.startsAt, bars.length, bars[11]?.count]).toEqual(['2026-11-21T11:00:00.000Z', 24, 4]);
  });
});
