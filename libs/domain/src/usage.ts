import { addDays, listDays, type Day } from './calendar-date.js';
import { localDay, type DayDivision } from './calendar.js';
import type { MeasurementRule, UsageFilter } from './benefit/measurement-rule.js';
import { isWithin, type Interval } from './interval.js';

/** What a person decides of a stored usage (rule U7): it is no use and counts in nothing, or it counts after all. */
export const USAGE_DECISIONS = ['set_aside', 'taken_back'] as const;

export type UsageDecision = (typeof USAGE_DECISIONS)[number];

/** One stored usage of a placement, as rules read it. */
export interface Usage {
  /** The device's own id, when it gives one: tells a repeat from another usage of the same instant (rule U1). */
  readonly id?: string | null | undefined;
  /** Event time (a session's start): an instant or its milliseconds. */
  readonly at: Date | number;
  readonly dimensions: Readonly<Record<string, string>>;
  /** `null` while a session is open: not counted yet (rule U3). */
  readonly value: number | null;
}

/** The instants (milliseconds, ascending) of what counted; the lengths are the figures. */
export interface QualifiedUse {
  /** Every closed usage in the intervals, whatever the filter: the "412 openings" of rule B9. */
  readonly events: readonly number[];
  readonly qualifying: readonly number[];
  readonly failures: readonly number[];
}

type QualifyingTerms = Pick<MeasurementRule, 'filter' | 'failureFilter' | 'deduplicateMinutes'>;

/** Whether a usage's dimensions meet a filter: every filtered dimension has one of its values. */
export function passesFilter(filter: UsageFilter, dimensions: Readonly<Record<string, string>>): boolean {
  return Object.entries(filter).every(([name, values]) => values.includes(dimensions[name] ?? ''));
}

/**
 * The qualifying usages of ONE placement (rule B5): those that pass the filter and have no other passing usage in the
 * `deduplicateMinutes` before them, by event time. Every passing usage looks ahead, also one that does not qualify
 * itself; exactly the window later is outside it; of several at the same instant one qualifies. Failures are those
 * that pass the failure filter, each counted.
 *
 * Give the events of the wanted time plus the window before it. Only those inside `intervals` count (rule U9), all are
 * looked back at. Any order and any repetition of the events gives the same result.
 */
export function qualify(events: readonly Usage[], rule: QualifyingTerms, intervals: readonly Interval[]): QualifiedUse {
  const known = withoutRepeats(events.filter(({ value }) => value !== null));
  const counts = (at: number) => intervals.some((interval) => isWithin(interval, at));
  const { failureFilter } = rule;
  return {
    events: timesOf(known, {}).filter(counts),
    qualifying: firstOfWindows(timesOf(known, rule.filter), rule.deduplicateMinutes * 60_000).filter(counts),
    failures: failureFilter === undefined ? [] : timesOf(known, failureFilter).filter(counts),
  };
}

function withoutRepeats(events: readonly Usage[]): Usage[] {
  return [...new Map(events.map((event) => [identityOf(event), event])).values()];
}

/** Without an id, two usages of the same instant and dimensions cannot be told from a repeat. */
function identityOf({ id, at, dimensions }: Usage): string {
  const sorted = Object.entries(dimensions).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([Number(at), id ?? null, id === null || id === undefined ? sorted : null]);
}

function timesOf(events: readonly Usage[], filter: UsageFilter): number[] {
  return events
    .filter(({ dimensions }) => passesFilter(filter, dimensions))
    .map(({ at }) => Number(at))
    .sort((one, other) => one - other);
}

function firstOfWindows(times: readonly number[], windowMs: number): number[] {
  if (windowMs === 0) return [...times];
  return times.filter((at, index) => {
    const before = times[index - 1];
    return before === undefined || at - before >= windowMs;
  });
}

/**
 * The local days whose qualifying units a usage at this instant may change, be it late or not: its own and those within
 * the window after it, where it looks ahead (rule B5).
 */
export function evaluationDays(
  at: Date | number,
  rule: Pick<MeasurementRule, 'deduplicateMinutes'>,
  { zone, dayStartsAtHour }: DayDivision,
): Day[] {
  const first = localDay(Number(at), zone, dayStartsAtHour);
  const last = localDay(Number(at) + rule.deduplicateMinutes * 60_000, zone, dayStartsAtHour);
  return listDays(first, addDays(last, 1));
}

/** How many instants fall on each local day; days without any are left out. */
export function countByDay(instants: readonly number[], { zone, dayStartsAtHour }: DayDivision): Map<Day, number> {
  const counts = new Map<Day, number>();
  for (const instant of instants) {
    const day = localDay(instant, zone, dayStartsAtHour);
    counts.set(day, (counts.get(day) ?? 0) + 1);
  }
  return counts;
}
