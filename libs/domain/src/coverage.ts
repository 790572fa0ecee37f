import { addDays, type Day } from './calendar-date.js';
import { dayBounds, type DayDivision, hourStart, localDay } from './calendar.js';
import { type Interval } from './interval.js';

/** One series (a placement and those it was swapped for, rule U10) and the hours in which it gave a sign of life. */
export interface SeriesPresence {
  readonly expectedFrom: Date;
  readonly expectedTo: Date | null;
  /** Starts of UTC hours, in milliseconds; any order, repeats allowed. */
  readonly aliveHours: Iterable<number>;
}

/** The time a figure speaks of; end it at now at the latest, since nobody reports from the future. */
export interface CoverageWindow {
  readonly from: Date;
  readonly to: Date;
}

/** "Based on `reporting` of `expected` devices reporting, `gapHours` h of gaps." */
export type Coverage =
  | {
      readonly kind: 'value';
      readonly expected: number;
      readonly reporting: number;
      readonly expectedHours: number;
      readonly gapHours: number;
      /** 0..1: hours with a sign of life of the hours expected. */
      readonly share: number;
    }
  | { readonly kind: 'no_expectation' };

const HOUR_MS = 3_600_000;

/** The part of a day that has passed at `nowMs`, of a family's own day: a night product's began at noon (rule U4). */
export function dayUntil(nowMs: number, { zone, dayStartsAtHour }: DayDivision): CoverageWindow {
  const { from } = dayBounds(localDay(nowMs, zone, dayStartsAtHour), zone, dayStartsAtHour);
  return { from: new Date(from), to: new Date(nowMs) };
}

/**
 * How much of the window the figure knows. Whole UTC hours only: nothing is asked of an hour that the series or the
 * window covers in part. A series is expected when it covers one whole hour, and reporting when alive in one of them.
 */
export function coverageOf(series: readonly SeriesPresence[], window: CoverageWindow): Coverage {
  const covered = series.map((one) => coveredHours(one, window)).filter(({ expected }) => expected > 0);
  if (covered.length === 0) return { kind: 'no_expectation' };
  const expectedHours = covered.reduce((total, { expected }) => total + expected, 0);
  const aliveHours = covered.reduce((total, { alive }) => total + alive, 0);
  return {
    kind: 'value',
    expected: covered.length,
    reporting: covered.filter(({ alive }) => alive > 0).length,
    expectedHours,
    gapHours: expectedHours - aliveHours,
    share: aliveHours / expectedHours,
  };
}

/** The whole UTC hours of a window in which a series is expected, [from, to) in milliseconds; null when there is none. */
export function expectedHours(
  { expectedFrom, expectedTo }: Pick<SeriesPresence, 'expectedFrom' | 'expectedTo'>,
  window: CoverageWindow,
): { from: number; to: number } | null {
  const from = firstWholeHour(Math.max(expectedFrom.getTime(), window.from.getTime()));
  const to = hourStart(Math.min(expectedTo?.getTime() ?? Infinity, window.to.getTime()));
  return from < to ? { from, to } : null;
}

function coveredHours(series: SeriesPresence, window: CoverageWindow): { expected: number; alive: number } {
  const hours = expectedHours(series, window);
  if (!hours) return { expected: 0, alive: 0 };
  const { from, to } = hours;
  const alive = new Set([...series.aliveHours].filter((hour) => hour >= from && hour < to).map(hourStart));
  return { expected: (to - from) / HOUR_MS, alive: alive.size };
}

function firstWholeHour(ms: number): number {
  return hourStart(ms + HOUR_MS - 1);
}

/** What is known of a device's day; silent is not unused (rule U12). */
export const DAY_USES = ['used', 'unused', 'unknown'] as const;

export type DayUse = (typeof DAY_USES)[number];

/** *Unused* needs a sign of life that day; without one, and without use, the day is *unknown* (rule U12). */
export function dayUse({ uses, isAlive }: { uses: number; isAlive: boolean }): DayUse {
  if (uses > 0) return 'used';
  return isAlive ? 'unused' : 'unknown';
}

/** Used days of known days, 0..1, and how many days were left out for being unknown. */
export type Utilisation =
  | { readonly kind: 'value'; readonly value: number; readonly knownDays: number; readonly unknownDays: number }
  | { readonly kind: 'no_data'; readonly unknownDays: number };

/** Utilisation over device-days: only known days count, and it says so (rule U12). */
export function utilisation(days: readonly DayUse[]): Utilisation {
  const unknownDays = days.filter((use) => use === 'unknown').length;
  const knownDays = days.length - unknownDays;
  if (knownDays === 0) return { kind: 'no_data', unknownDays };
  const usedDays = days.filter((use) => use === 'used').length;
  return { kind: 'value', value: usedDays / knownDays, knownDays, unknownDays };
}

/** What is known of one device or series, by days of its family's division. */
export interface KnownDays {
  readonly division: DayDivision;
  readonly nowMs: number;
  /** How many days back, today included. */
  readonly count: number;
  /** When it was expected to be there; a day is its when an hour of it is. */
  readonly expected: readonly Interval[];
  readonly uses: ReadonlyMap<Day, number>;
  readonly aliveDays: ReadonlySet<Day>;
}

/** A day and what is known of it; `isOngoing`: unused and unknown hold so far. */
export interface DayOfUse {
  readonly day: Day;
  readonly use: DayUse;
  readonly uses: number;
  readonly isOngoing: boolean;
}

/** The last days, oldest first, without those on which it was neither expected nor heard (rule U12). */
export function daysOfUse(known: KnownDays): DayOfUse[] {
  return lastDays(known).flatMap((day, index, all) => {
    const uses = known.uses.get(day) ?? 0;
    const isAlive = known.aliveDays.has(day);
    if (uses === 0 && !isAlive && !isExpectedOn(day, known)) return [];
    return [{ day, use: dayUse({ uses, isAlive }), uses, isOngoing: index === all.length - 1 }];
  });
}

/** The last `count` days up to the one that holds `nowMs`, oldest first. */
export function lastDays({ division, nowMs, count }: Pick<KnownDays, 'division' | 'nowMs' | 'count'>): Day[] {
  const today = localDay(nowMs, division.zone, division.dayStartsAtHour);
  return Array.from({ length: count }, (_, index) => addDays(today, index - count + 1));
}

function isExpectedOn(day: Day, { division: { zone, dayStartsAtHour }, expected, nowMs }: KnownDays): boolean {
  const { from, to } = dayBounds(day, zone, dayStartsAtHour);
  const end = Math.min(to, nowMs);
  const passed = (one: Interval): number =>
    Math.min(one.to?.getTime() ?? end, end) - Math.max(one.from.getTime(), from);
  return expected.some((one) => passed(one) >= HOUR_MS);
}
