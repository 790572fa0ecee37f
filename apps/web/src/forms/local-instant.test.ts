import { describe, expect, it } from 'vitest';
import { instantOf, wallClockOf } from './local-instant.js';

const ZONE = 'Europe/Stockholm';

describe('a wall-clock time in the municipality', () => {
  it.each([
    ['2026-07-01', '08:30', '2026-07-01T06:30:00.000Z'], // summer, UTC+2
    ['2026-12-01', '08:30', '2026-12-01T07:30:00.000Z'], // winter, UTC+1
    ['2026-12-01', '8.30', '2026-12-01T07:30:00.000Z'],
    ['2026-10-25', '02:30', '2026-10-25T00:30:00.000Z'], // comes twice: the first, still UTC+2
    ['2026-10-25', '03:30', '2026-10-25T02:30:00.000Z'],
    ['2026-03-29', '01:59', '2026-03-29T00:59:00.000Z'], // the last minute before clocks go forward
    ['2026-03-29', '03:00', '2026-03-29T01:00:00.000Z'],
  ])('%s %s is %s', (day, time, instant) => {
    expect(instantOf(day, time, ZONE)).toBe(instant);
  });

  it.each([
    ['2026-02-30', '08:00'],
    ['2026-02-20', '24:00'],
    ['2026-02-20', '8'],
    ['', '08:00'],
  ])('%s %s is none', (day, time) => {
    expect(instantOf(day, time, ZONE)).toBeNull();
  });

  it('reads back as it was written, day by day through a year', () => {
    for (let ms = Date.UTC(2026, 0, 1, 11); ms < Date.UTC(2027, 0, 1); ms += 86_400_000) {
      const { day, time } = wallClockOf(new Date(ms).toISOString(), ZONE);
      expect(instantOf(day ?? '', time, ZONE)).toBe(new Date(ms).toISOString());
    }
  });
});
