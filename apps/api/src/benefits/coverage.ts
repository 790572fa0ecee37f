import type { CoverageView } from '#contracts';
import { coverageOf, dayUntil, FAMILIES, type Interval } from '#domain';
import type { SeriesRow } from './benefits.queries.js';

/**
 * Coverage of the series over several stretches of time up to `now`: hours add up over the stretches; a series is
 * expected, or reporting, once however many stretches it is in (rule U10).
 */
export function coverageOver(series: readonly SeriesRow[], stretches: readonly Interval[], now: Date): CoverageView {
  return added(series, (one) => hoursOf(one, stretches, now));
}

/** Coverage of today so far, each series by its own family's day: a night product's began at noon (rule U4). */
export function coverageToday(series: readonly SeriesRow[], zone: string, now: Date): CoverageView {
  // A page has many series and few families: a day's bounds take calendar arithmetic.
  const days = new Map<number, Interval>();
  return added(series, (one) => {
    const { dayStartsAtHour } = FAMILIES[one.family];
    const day = days.get(dayStartsAtHour) ?? dayUntil(now.getTime(), { zone, dayStartsAtHour });
    days.set(dayStartsAtHour, day);
    return hoursOf(one, [day], now);
  });
}

interface Hours {
  expectedHours: number;
  gapHours: number;
}

function added(series: readonly SeriesRow[], hoursIn: (one: SeriesRow) => Hours): CoverageView {
  const total: CoverageView = { expected: 0, reporting: 0, expectedHours: 0, gapHours: 0 };
  for (const one of series) {
    const { expectedHours, gapHours } = hoursIn(one);
    if (expectedHours === 0) continue;
    total.expected += 1;
    total.reporting += gapHours < expectedHours ? 1 : 0;
    total.expectedHours += expectedHours;
    total.gapHours += gapHours;
  }
  return total;
}

function hoursOf(series: SeriesRow, stretches: readonly Interval[], now: Date): Hours {
  const presence = { expectedFrom: series.from, expectedTo: series.to, aliveHours: series.aliveHours };
  const hours = { expectedHours: 0, gapHours: 0 };
  for (const { from, to } of stretches) {
    const coverage = coverageOf([presence], { from, to: to !== null && to < now ? to : now });
    if (coverage.kind === 'no_expectation') continue;
    hours.expectedHours += coverage.expectedHours;
    hours.gapHours += coverage.gapHours;
  }
  return hours;
}
