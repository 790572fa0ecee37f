import type { CoverageView } from '#contracts';
import {
  coverageOf,
  dayUntil,
  expectedHours,
  FAMILIES,
  type FamilyCode,
  type Interval,
  runningIntervals,
} from '#domain';
import type { EntityManager } from 'typeorm';
import { trialLife } from './benefits.queries.js';
import { countAliveHours, type SeriesTime, trialSeries } from './series.queries.js';

/**
 * Coverage of a trial's series over the stretches of time in which it ran, up to `now`: hours add up over the stretches; a
 * series is expected, or reporting, once however many stretches it is in (rule U10). Hours are counted where they are
 * stored: a large trial has hundreds of thousands.
 */
export async function trialCoverage(tx: EntityManager, trialId: string, now: Date): Promise<CoverageView> {
  const [life, series] = await Promise.all([trialLife(tx, trialId), trialSeries(tx, trialId)]);
  const stretches = runningIntervals(life);
  const asked = series.flatMap((one) => stretches.flatMap((stretch) => hoursWithin(one, stretch, now) ?? []));
  const alive = asked.length === 0 ? [] : await countAliveHours(tx, trialId, asked);
  const hours = asked.map(({ seriesId, from, to }, index) => {
    const expected = (to - from) / HOUR_MS;
    return { seriesId, expectedHours: expected, gapHours: expected - (alive[index] ?? 0) };
  });
  return added([...Map.groupBy(hours, ({ seriesId }) => seriesId).values()].map(sumOf));
}

const HOUR_MS = 3_600_000;

function hoursWithin(series: SeriesTime, stretch: Interval, now: Date) {
  const hours = expectedHours({ expectedFrom: series.from, expectedTo: series.to }, until(stretch, now));
  return hours && { seriesId: series.seriesId, ...hours };
}

const until = ({ from, to }: Interval, now: Date): { from: Date; to: Date } => ({
  from,
  to: to !== null && to < now ? to : now,
});

const sumOf = (hours: readonly Hours[]): Hours => ({
  expectedHours: hours.reduce((sum, { expectedHours: expected }) => sum + expected, 0),
  gapHours: hours.reduce((sum, { gapHours }) => sum + gapHours, 0),
});

/** A series (rule U10): its time, chained over swaps, and the UTC hours in which its device gave a sign of life. */
export interface SeriesRow extends Interval {
  /** One and the same over swaps. */
  family: FamilyCode;
  aliveHours: number[];
}

/** Coverage of today so far, each series by its own family's day: a night product's began at noon (rule U4). */
export function coverageToday(series: readonly SeriesRow[], zone: string, now: Date): CoverageView {
  // A page has many series and few families: a day's bounds take calendar arithmetic.
  const days = new Map<number, Interval>();
  const hours = series.map((one) => {
    const { dayStartsAtHour } = FAMILIES[one.family];
    const day = days.get(dayStartsAtHour) ?? dayUntil(now.getTime(), { zone, dayStartsAtHour });
    days.set(dayStartsAtHour, day);
    return hoursOf(one, until(day, now));
  });
  return added(hours);
}

interface Hours {
  expectedHours: number;
  gapHours: number;
}

function added(hoursOfSeries: readonly Hours[]): CoverageView {
  const total: CoverageView = { expected: 0, reporting: 0, expectedHours: 0, gapHours: 0 };
  for (const { expectedHours: expected, gapHours } of hoursOfSeries) {
    if (expected === 0) continue;
    total.expected += 1;
    total.reporting += gapHours < expected ? 1 : 0;
    total.expectedHours += expected;
    total.gapHours += gapHours;
  }
  return total;
}

function hoursOf({ from, to, aliveHours }: SeriesRow, window: { from: Date; to: Date }): Hours {
  const coverage = coverageOf([{ expectedFrom: from, expectedTo: to, aliveHours }], window);
  return coverage.kind === 'value' ? coverage : { expectedHours: 0, gapHours: 0 };
}
