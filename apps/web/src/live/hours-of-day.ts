import type { HourCountView } from '#contracts';
import { dayBounds, type FamilyCode } from '#domain';

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
  day: string;
  timeZone: string;
  asOf: string;
  hours: readonly HourCountView[];
  family: FamilyCode;
  metric: string;
}

/** The hours of a municipality's day, with a metric's count in each. */
export function hoursOfDay({ day, timeZone, asOf, hours, family, metric }: DayOfMetric): DayHour[] {
  const { from, to } = dayBounds(day, timeZone);
  const nowMs = Date.parse(asOf);
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
