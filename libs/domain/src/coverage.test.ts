import { describe, expect, it } from 'vitest';
import { coverageOf, daysOfUse, dayUntil, dayUse, expectedHours, utilisation } from './coverage.js';

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

describe('the hours in which a series is expected', () => {
  it.each([
    {
      are: 'whole, from the later start to the earlier end',
      series: { expectedFrom: at(1.5), expectedTo: at(4.5) },
      hours: { from: start + 2 * HOUR, to: start + 4 * HOUR },
    },
    {
      are: 'those of the window, when it never ends',
      series: { expectedFrom: at(-5), expectedTo: null },
      hours: { from: start, to: start + 10 * HOUR },
    },
    { are: 'none, when no whole hour is left', series: { expectedFrom: at(1.1), expectedTo: at(1.9) }, hours: null },
    { are: 'none, when it comes after the window', series: { expectedFrom: at(11), expectedTo: null }, hours: null },
  ])('are $are', ({ series, hours }) => {
    expect(expectedHours(series, window)).toEqual(hours);
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

describe('a family’s day so far (rule U4)', () => {
  it.each([
    [0, '2026-07-01T09:00:00Z', '2026-06-30T22:00:00Z'],
    [12, '2026-07-01T09:00:00Z', '2026-06-30T10:00:00Z'], // before noon it is still yesterday evening's night
    [12, '2026-07-01T10:00:00Z', '2026-07-01T10:00:00Z'],
    [0, '2026-10-25T22:59:00Z', '2026-10-24T22:00:00Z'], // a day of 25 hours
    [12, '2026-10-25T22:59:00Z', '2026-10-25T11:00:00Z'],
    [12, '2026-03-29T09:59:00Z', '2026-03-28T11:00:00Z'], // a night of 23 hours
  ])('that starts at %i, at %s, began at %s', (dayStartsAtHour, now, from) => {
    const window = dayUntil(Date.parse(now), { zone: 'Europe/Stockholm', dayStartsAtHour });
    expect(window).toEqual({ from: new Date(from), to: new Date(now) });
  });

  it('is asked of a night product’s hours, and of no hour that belongs to the day before', () => {
    const nowMs = Date.parse('2026-07-01T12:00:00Z'); // 14:00: the night's day is two hours old
    const night = dayUntil(nowMs, { zone: 'Europe/Stockholm', dayStartsAtHour: 12 });
    const silent = { expectedFrom: at(-1000), expectedTo: null, aliveHours: [] };
    expect(coverageOf([silent], night)).toMatchObject({ expectedHours: 2, gapHours: 2 });
  });
});

describe('unused is not silent (rule U12)', () => {
  const nowMs = Date.parse('2026-05-10T13:00:00+02:00');
  const division = { zone: 'Europe/Stockholm', dayStartsAtHour: 0 };
  const known = { division, nowMs, count: 5, expected: [{ from: new Date('2026-05-07T08:00:00Z'), to: null }] };
  const uses = new Map([
    ['2026-05-08', 3],
    ['2026-05-10', 1],
  ]);

  it('keeps used, unused and unknown days apart, and leaves out those before it was there', () => {
    const days = daysOfUse({ ...known, uses, aliveDays: new Set(['2026-05-08', '2026-05-09']) });
    expect(days).toEqual([
      { day: '2026-05-07', use: 'unknown', uses: 0, isOngoing: false },
      { day: '2026-05-08', use: 'used', uses: 3, isOngoing: false },
      { day: '2026-05-09', use: 'unused', uses: 0, isOngoing: false },
      { day: '2026-05-10', use: 'used', uses: 1, isOngoing: true },
    ]);
  });

  it('takes a day on which it was heard before it was expected', () => {
    const days = daysOfUse({ ...known, uses: new Map(), aliveDays: new Set(['2026-05-06']) });
    expect(days.map(({ day, use }) => [day, use])[0]).toEqual(['2026-05-06', 'unused']);
  });

  it('gives a night to its evening (rule U4)', () => {
    const night = {
      ...known,
      division: { ...division, dayStartsAtHour: 12 },
      nowMs: Date.parse('2026-05-10T11:00:00+02:00'),
    };
    expect(daysOfUse({ ...night, uses, aliveDays: new Set() }).at(-1)).toMatchObject({
      day: '2026-05-09',
      isOngoing: true,
    });
  });

  it('asks nothing of a day of which less than an hour is its', () => {
    const late = { ...known, expected: [{ from: new Date('2026-05-09T21:30:00Z'), to: null }], uses: new Map() };
    expect(daysOfUse({ ...late, aliveDays: new Set() }).map(({ day }) => day)).toEqual(['2026-05-10']);
  });
});
