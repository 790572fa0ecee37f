import { type Day, dayBounds, FAMILIES, type FamilyCode, hourStart, localDay } from '#domain';

/** Today of a municipality, and from when on each family counts: a night product's day begins at noon (rule U4). */
export interface Today {
  day: Day;
  /** The earliest UTC hour that any family's today holds. */
  since: Date;
  /** Family → the first UTC hour of its today, in milliseconds. */
  fromByFamily: Readonly<Record<FamilyCode, number>>;
}

/** Days of 23 and 25 hours included; hours are whole UTC hours, as roll-ups are. */
export function todayIn(zone: string, now: Date): Today {
  const startOf = (hour: number): number => dayBounds(localDay(now.getTime(), zone, hour), zone, hour).from;
  const entries = Object.values(FAMILIES).map(
    ({ code, dayStartsAtHour }) => [code, hourStart(startOf(dayStartsAtHour))] as const,
  );
  return {
    day: localDay(now.getTime(), zone),
    since: new Date(Math.min(...entries.map(([, from]) => from), hourStart(startOf(0)))),
    fromByFamily: Object.fromEntries(entries) as Record<FamilyCode, number>,
  };
}

/** Whether no day has begun between them, of no family. */
export const isSameToday = (one: Today, other: Today): boolean =>
  one.day === other.day &&
  Object.entries(one.fromByFamily).every(([family, from]) => other.fromByFamily[family as FamilyCode] === from);
