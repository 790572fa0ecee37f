import type { HourCountView } from '#contracts';
import { dayBounds, FAMILIES, localDay, type FamilyCode } from '#domain';

const HOUR_MS = 3_600_000;

/** One hour of a local day; 23 to 25 of them, since clocks change (rule U4). */
export interface DayHour {
  startsAt: string;
  endsAt: string;
  /** `null`: the hour has not begun. */
  count: number | null;
  isNow: boolean;
}

interface DayOfMetric {
  timeZone: string;
  asOf: string;
  hours: readonly HourCountView[];
  family: FamilyCode;
  metric: string;
}

/** The hours of a family's today, with a metric's count in each: a night product's day runs from noon to noon (rule U4). */
export function hoursOfDay({ timeZone, asOf, hours, family, metric }: DayOfMetric): DayHour[] {
  const nowMs = Date.parse(asOf);
  const { dayStartsAtHour } = FAMILIES[family];
  const { from, to } = dayBounds(localDay(nowMs, timeZone, dayStartsAtHour), timeZone, dayStartsAtHour);
  const counts = new Map<number, number>();
  for (const row of hours) {
    if (row.family !== family || row.metric !== metric) continue;
    const at = Date.parse(row.hour);
    counts.set(at, (counts.get(at) ?? 0) + row.count);
  }
  return Array.from({ length: Math.round((to - from) / HOUR_MS) }, (_, index) => {
    const startMs = from + index * HOUR_MS;
    return {
      startsAt: new Date(startMs).toISOString(),
      endsAt: new Date(startMs + HOUR_MS).toISOString(),
      count: startMs > nowMs ? null : (counts.get(startMs) ?? 0),
      isNow: startMs <= nowMs && nowMs < startMs + HOUR_MS,
    };
  });
}
