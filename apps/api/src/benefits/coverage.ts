import type { CoverageView } from '#contracts';
import { coverageOf, type Interval } from '#domain';
import type { SeriesRow } from './benefits.queries.js';

/**
 * Coverage of the series over several stretches of time up to `now`: hours add up over the stretches; a series is
 * expected, or reporting, once however many stretches it is in (rule U10).
 */
export function coverageOver(series: readonly SeriesRow[], stretches: readonly Interval[], now: Date): CoverageView {
  const total: CoverageView = { expected: 0, reporting: 0, expectedHours: 0, gapHours: 0 };
  for (const one of series) {
    const { expectedHours, gapHours } = hoursOf(one, stretches, now);
    if (expectedHours === 0) continue;
    total.expected += 1;
    total.reporting += gapHours < expectedHours ? 1 : 0;
    total.expectedHours += expectedHours;
    total.gapHours += gapHours;
  }
  return total;
}

function hoursOf(
  series: SeriesRow,
  stretches: readonly Interval[],
  now: Date,
): { expectedHours: number; gapHours: number } {
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
