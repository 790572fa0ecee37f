import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayBounds, hourStart, isTimeZone, localDay, localHour } from './calendar.js';

const HOUR = 3_600_000;
const ms = (text: string) => Date.parse(text);
const STOCKHOLM = 'Europe/Stockholm';

describe('days of the municipality (rule U4)', () => {
  it.each([
    ['2026-01-14T22:59:59.999Z', 0, '2026-01-14'], // 23:59 local
    ['2026-01-14T23:00:00Z', 0, '2026-01-15'],
    ['2026-07-14T21:59:59Z', 0, '2026-07-14'], // summer: UTC+2
    ['2026-07-14T22:00:00Z', 0, '2026-07-15'],
    ['2026-01-14T20:00:00Z', 12, '2026-01-14'], // 21:00 local: the evening's date
    ['2026-01-15T02:00:00Z', 12, '2026-01-14'], // 03:00 the next morning: still the evening's
    ['2026-01-15T10:59:59Z', 12, '2026-01-14'], // 11:59
    ['2026-01-15T11:00:00Z', 12, '2026-01-15'], // noon
    ['2026-03-29T10:00:00Z', 12, '2026-03-29'], // noon on the day the clocks go forward
    ['2026-03-29T09:59:59Z', 12, '2026-03-28'],
  ])('%s with days from hour %d is %s', (instant, start, day) => {
    expect(localDay(ms(instant), STOCKHOLM, start)).toBe(day);
  });

  it.each([
    { day: '2026-01-15', zone: STOCKHOLM, start: 0, from: '2026-01-14T23:00:00Z', hours: 24 },
    { day: '2026-03-29', zone: STOCKHOLM, start: 0, from: '2026-03-28T23:00:00Z', hours: 23 },
    { day: '2026-10-25', zone: STOCKHOLM, start: 0, from: '2026-10-24T22:00:00Z', hours: 25 },
    { day: '2026-10-24', zone: STOCKHOLM, start: 12, from: '2026-10-24T10:00:00Z', hours: 25 },
    { day: '2026-03-28', zone: STOCKHOLM, start: 12, from: '2026-03-28T11:00:00Z', hours: 23 },
    { day: '2026-10-25', zone: STOCKHOLM, start: 2, from: '2026-10-25T00:00:00Z', hours: 25 }, // 02:00 occurs twice: the first starts the day
    { day: '2026-03-29', zone: STOCKHOLM, start: 2, from: '2026-03-29T01:00:00Z', hours: 23 }, // 02:00 does not occur: the day starts at 03:00
    { day: '2026-04-05', zone: 'Australia/Lord_Howe', start: 0, from: '2026-04-04T13:00:00Z', hours: 24.5 },
    { day: '2026-09-06', zone: 'America/Santiago', start: 0, from: '2026-09-06T04:00:00Z', hours: 23 }, // midnight does not occur
  ])('$day in $zone from hour $start starts $from and has $hours hours', ({ day, zone, start, from, hours }) => {
    const bounds = dayBounds(day, zone, start);
    expect(new Date(bounds.from).toISOString()).toBe(new Date(from).toISOString());
    expect((bounds.to - bounds.from) / HOUR).toBe(hours);
  });

  it('puts every instant into exactly the day whose bounds hold it', () => {
    const instants = fc.integer({ min: ms('2020-01-01T00:00:00Z'), max: ms('2035-01-01T00:00:00Z') });
    const zones = fc.constantFrom(STOCKHOLM, 'UTC', 'America/Santiago', 'Australia/Lord_Howe', 'Asia/Kathmandu');
    fc.assert(
      fc.property(instants, zones, fc.constantFrom(0, 6, 12), (instant, zone, start) => {
        const { from, to } = dayBounds(localDay(instant, zone, start), zone, start);
        expect(from <= instant && instant < to).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('joins each day to the next without gap or overlap', () => {
    const to = dayBounds('2026-10-24', STOCKHOLM).to;
    expect(dayBounds('2026-10-25', STOCKHOLM).from).toBe(to);
  });

  it.each([
    ['2026-03-29T00:59:59.999Z', STOCKHOLM, 1],
    ['2026-03-29T01:00:00Z', STOCKHOLM, 3], // 02:00 does not occur
    ['2026-10-25T00:59:59.999Z', STOCKHOLM, 2],
    ['2026-10-25T01:00:00Z', STOCKHOLM, 2], // 02:00 again
    ['2026-10-03T15:29:59.999Z', 'Australia/Lord_Howe', 1],
    ['2026-10-03T15:30:00Z', 'Australia/Lord_Howe', 2], // 02:30
  ])('changes clocks to the millisecond: %s in %s is hour %d', (instant, zone, hour) => {
    expect(localHour(ms(instant), zone)).toBe(hour);
  });

  it('knows the local hour and the UTC hour', () => {
    expect(localHour(ms('2026-07-14T22:30:00Z'), STOCKHOLM)).toBe(0);
    expect(hourStart(ms('2026-07-14T22:30:00.001Z'))).toBe(ms('2026-07-14T22:00:00Z'));
    expect(hourStart(-1)).toBe(-HOUR);
  });

  it('refuses a zone it does not know', () => {
    expect(isTimeZone(STOCKHOLM)).toBe(true);
    expect(isTimeZone('Europe/Täby')).toBe(false);
    expect(() => localDay(0, 'Europe/Täby')).toThrow(expect.objectContaining({ code: 'time_zone_unknown' }));
  });
});
