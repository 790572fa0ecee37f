import { addDays, addMonths, type Day, daysBetween } from '#domain';

/** What a line plans, öre a month in `[startsOn, endsOn)`. */
export interface PlannedLine {
  plannedMonthOre: number;
  startsOn: Day;
  endsOn: Day | null;
}

/** The least common multiple of 28, 29, 30 and 31: a day's share of any month is a whole number of these parts. */
const PARTS = 377_580n;

/**
 * The plan accumulated to the end of each day, in öre, from the line's start to `through` (included) or its end: each day
 * carries `plannedMonthOre / days of its calendar month`. Exact, rounded half up once per day shown (rule B6), so that
 * whole months give whole months' plans. Empty before the line starts.
 */
export function planByDay(line: PlannedLine, through: Day): Map<Day, number> {
  const end = line.endsOn !== null && line.endsOn <= through ? line.endsOn : addDays(through, 1);
  const plan = new Map<Day, number>();
  let parts = 0n;
  for (let day = line.startsOn; day < end; day = addDays(day, 1)) {
    parts += BigInt(line.plannedMonthOre) * (PARTS / BigInt(daysInMonth(day)));
    plan.set(day, Number((2n * parts + PARTS) / (2n * PARTS)));
  }
  return plan;
}

/** The plan from the line's start to the end of `through`; 0 before it starts. */
export const planToDate = (line: PlannedLine, through: Day): number =>
  [...planByDay(line, through).values()].at(-1) ?? 0;

function daysInMonth(day: Day): number {
  const first = `${day.slice(0, 7)}-01`;
  return daysBetween(first, addMonths(first, 1));
}
