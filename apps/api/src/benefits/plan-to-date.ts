import { addDays, addMonths, type Day, daysBetween, listDays } from '#domain';

/** What a line plans, öre a month in `[startsOn, endsOn)`. */
export interface PlannedLine {
  plannedMonthOre: number;
  startsOn: Day;
  endsOn: Day | null;
}

/** The least common multiple of 28, 29, 30 and 31: a day's share of any month is a whole number of these parts. */
const PARTS = 377_580n;

/**
 * The plan from the line's start to the end of `through` (included) or the line's end, in öre: each day carries
 * `plannedMonthOre / days of its calendar month`, so that whole months give whole months' plans. Exact, rounded half up
 * once (rule B6); 0 before the line starts.
 */
export function planToDate(line: PlannedLine, through: Day): number {
  const parts = monthsOf(line, through).map(({ from, to, partsPerDay }) => BigInt(daysBetween(from, to)) * partsPerDay);
  return toOre(parts.reduce((total, part) => total + part, 0n));
}

/** The same accumulated to the end of each day on which the line plans; every day rounded for itself. */
export function planByDay(line: PlannedLine, through: Day): Map<Day, number> {
  const plan = new Map<Day, number>();
  let parts = 0n;
  for (const { from, to, partsPerDay } of monthsOf(line, through)) {
    for (const day of listDays(from, to)) plan.set(day, toOre((parts += partsPerDay)));
  }
  return plan;
}

const toOre = (parts: bigint): number => Number((2n * parts + PARTS) / (2n * PARTS));

interface MonthPart {
  from: Day;
  to: Day;
  partsPerDay: bigint;
}

/** The line's time up to the end of `through`, cut at the ends of months. */
function monthsOf({ plannedMonthOre, startsOn, endsOn }: PlannedLine, through: Day): MonthPart[] {
  const end = endsOn !== null && endsOn <= through ? endsOn : addDays(through, 1);
  const months: MonthPart[] = [];
  for (let from = startsOn; from < end; from = months.at(-1)!.to) {
    const first = `${from.slice(0, 7)}-01`;
    const next = addMonths(first, 1);
    const partsPerDay = (BigInt(plannedMonthOre) * PARTS) / BigInt(daysBetween(first, next));
    months.push({ from, to: next < end ? next : end, partsPerDay });
  }
  return months;
}
