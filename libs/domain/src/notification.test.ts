import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isQuiet, mailDueAt, type MailTerms, nextLocalHour } from './notification.js';

const ZONE = 'Europe/Stockholm';
const ms = (instant: string): number => Date.parse(instant);
const iso = (instantMs: number): string => new Date(instantMs).toISOString().replace('.000', '');

const AT_ONCE: MailTerms = { zone: ZONE, quiet: null, digestHour: null, isCriticalAtOnce: false };
const NIGHT = { ...AT_ONCE, quiet: { fromHour: 22, toHour: 7 } };
const DAILY = { ...AT_ONCE, digestHour: 8 };

describe('quiet hours', () => {
  it.each([
    ['2026-01-15T20:59:59Z', false], // 21:59:59
    ['2026-01-15T21:00:00Z', true], // 22:00
    ['2026-01-16T05:59:59Z', true], // 06:59:59
    ['2026-01-16T06:00:00Z', false], // 07:00
    ['2026-07-15T20:00:00Z', true], // 22:00 in summer
  ])('from 22 to 7 over midnight hold %s: %s', (at, quiet) => {
    expect(isQuiet(ms(at), { fromHour: 22, toHour: 7 }, ZONE)).toBe(quiet);
  });

  it.each([
    ['2026-01-15T11:00:00Z', true], // 12:00
    ['2026-01-15T12:00:00Z', false], // 13:00
  ])('from 12 to 13 within a day hold %s: %s', (at, quiet) => {
    expect(isQuiet(ms(at), { fromHour: 12, toHour: 13 }, ZONE)).toBe(quiet);
  });
});

describe('the next time the clock comes to an hour', () => {
  it.each([
    [7, '2026-01-15T22:00:00Z', '2026-01-16T06:00:00Z'],
    [7, '2026-01-16T06:00:00Z', '2026-01-17T06:00:00Z'], // never the instant itself
    [0, '2026-01-15T22:59:00Z', '2026-01-15T23:00:00Z'],
    [7, '2026-03-28T21:30:00Z', '2026-03-29T05:00:00Z'], // summer time begins at 02:00: 8.5 h of night less one
    [7, '2026-10-24T20:30:00Z', '2026-10-25T06:00:00Z'], // and ends: one more
    [2, '2026-03-28T22:00:00Z', '2026-03-29T01:00:00Z'], // 02:00 does not exist: the jump
    [2, '2026-10-24T22:30:00Z', '2026-10-25T00:00:00Z'], // 02:00 comes twice: the first
    [2, '2026-10-25T00:30:00Z', '2026-10-26T01:00:00Z'], // between the two: tomorrow's
  ])('%i after %s is %s', (hour, after, next) => {
    expect(iso(nextLocalHour(hour, ZONE, ms(after)))).toBe(next);
  });
});

describe('when a mail leaves', () => {
  it.each<[string, MailTerms, string, string]>([
    ['at once by day', NIGHT, '2026-01-15T12:00:00Z', '2026-01-15T12:00:00Z'],
    ['in the evening: when the night is over', NIGHT, '2026-01-15T22:30:00Z', '2026-01-16T06:00:00Z'],
    ['after midnight: the same morning', NIGHT, '2026-01-16T02:00:00Z', '2026-01-16T06:00:00Z'],
    ['in the night that is an hour short', NIGHT, '2026-03-29T00:30:00Z', '2026-03-29T05:00:00Z'],
    ['in the night that is an hour long', NIGHT, '2026-10-25T00:30:00Z', '2026-10-25T06:00:00Z'],
    ['daily: at the next eight', DAILY, '2026-01-15T12:00:00Z', '2026-01-16T07:00:00Z'],
    ['daily, before eight: today', DAILY, '2026-01-15T06:00:00Z', '2026-01-15T07:00:00Z'],
    [
      'daily at a quiet hour: when it is over',
      { ...NIGHT, digestHour: 6 },
      '2026-01-15T12:00:00Z',
      '2026-01-16T06:00:00Z',
    ],
  ])('%s', (...[, terms, raised, due]) => {
    expect(iso(mailDueAt(ms(raised), 'warning', terms))).toBe(due);
  });

  it.each([
    ['critical', true, '2026-01-15T23:00:00Z'],
    ['critical', false, '2026-01-16T07:00:00Z'],
    ['warning', true, '2026-01-16T07:00:00Z'],
  ] as const)('at night %s, critical at once %s: %s', (severity, isCriticalAtOnce, due) => {
    const terms = { ...DAILY, quiet: { fromHour: 22, toHour: 7 }, isCriticalAtOnce };
    expect(iso(mailDueAt(ms('2026-01-15T23:00:00Z'), severity, terms))).toBe(due);
  });

  it('is never in the quiet hours, never before, and within two days', () => {
    const hour = fc.integer({ min: 0, max: 23 });
    const quiet = fc.option(
      fc.record({ fromHour: hour, toHour: hour }).filter(({ fromHour, toHour }) => fromHour !== toHour),
    );
    const at = fc.integer({ min: ms('2026-01-01T00:00:00Z'), max: ms('2028-01-01T00:00:00Z') });
    fc.assert(
      fc.property(at, quiet, fc.option(hour), (now, quietHours, digestHour) => {
        const due = mailDueAt(now, 'info', { ...AT_ONCE, quiet: quietHours, digestHour });
        expect(due).toBeGreaterThanOrEqual(now);
        expect(due - now).toBeLessThan(50 * 3_600_000);
        if (quietHours) expect(isQuiet(due, quietHours, ZONE)).toBe(false);
      }),
    );
  });
});
