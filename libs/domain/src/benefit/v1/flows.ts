// Released formulas, version 1: never edited (structural rule 14). A change is a new version beside this one.
import { addMonths, wholeMonthsBetween, type Day } from '../../calendar-date.js';
import { RuleViolation } from '../../errors.js';
import { divide, exact, multiply, sum, ZERO, type Exact } from '../../exact.js';
import { assertOre, roundToOre, sumOre, type Ore } from '../../money.js';
import type { Category } from '../vocabulary.js';

/** How often a cost falls due. */
export const COST_KINDS = ['one_off', 'monthly', 'yearly'] as const;

export type CostKind = (typeof COST_KINDS)[number];

/** A planned cost: `amountOre` each time it falls due in `[startsOn, endsOn)`, first on `startsOn`. */
export interface CostLine {
  readonly kind: CostKind;
  readonly category: Category;
  readonly amountOre: Ore;
  readonly startsOn: Day;
  readonly endsOn?: Day | null | undefined;
}

/** A planned benefit: `monthlyOre` each month in `[startsOn, endsOn)`, rising evenly to it over `rampMonths`. */
export interface BenefitLine {
  readonly category: Category;
  readonly monthlyOre: Ore;
  readonly startsOn: Day;
  readonly endsOn?: Day | null | undefined;
  /** 3: a third in the first month, two thirds in the second, all from the third. 0 or 1: all at once. */
  readonly rampMonths?: number | undefined;
}

/** One year after the investment date; year 0 is that date itself. */
export interface YearlyFlow {
  readonly year: number;
  readonly costOre: Ore;
  readonly benefitOre: Ore;
}

/** A calculation's lines and its frame. */
export interface FlowPlan {
  readonly costLines: readonly CostLine[];
  readonly benefitLines: readonly BenefitLine[];
  readonly investmentOn: Day;
  /** Whole years, 1..30. */
  readonly horizonYears: number;
}

/** The share of a line's amount that belongs to a year. */
interface Instalment {
  readonly year: number;
  readonly share: Exact;
}

/** Longest horizon, in years. */
export const HORIZON_YEARS_MAX = 30;

/**
 * Sums lines to whole years from the investment date (rule B6), years 0..horizon. A one-off on that date or before is
 * year 0, up to its first anniversary year 1. A month or year of a running line belongs to the year it begins in: from
 * the investment date on year 1, before it year 0. Each line is rounded per year; years sum rounded lines. Depreciation
 * has no line. All given lines are summed: choose the categories before (rule B1). Throws `horizon_out_of_range`.
 */
export function yearlyFlows(plan: FlowPlan): YearlyFlow[] {
  assertHorizon(plan.horizonYears);
  const costs = plan.costLines.map((line) =>
    perYear(assertOre(line.amountOre, 'amountOre'), costDues(line, plan), plan),
  );
  const benefits = plan.benefitLines.map((line) =>
    perYear(assertOre(line.monthlyOre, 'monthlyOre'), benefitDues(line, plan), plan),
  );
  return Array.from({ length: plan.horizonYears + 1 }, (_, year) => ({
    year,
    costOre: sumOre(costs.map((amounts) => amounts[year] ?? 0)),
    benefitOre: sumOre(benefits.map((amounts) => amounts[year] ?? 0)),
  }));
}

function assertHorizon(years: number): void {
  if (Number.isInteger(years) && years >= 1 && years <= HORIZON_YEARS_MAX) return;
  throw new RuleViolation(
    'horizon_out_of_range',
    `The horizon is ${years} years: give a whole number from 1 to ${HORIZON_YEARS_MAX}.`,
  );
}

function perYear(amount: Ore, instalments: readonly Instalment[], plan: FlowPlan): Ore[] {
  const shares = Array.from({ length: plan.horizonYears + 1 }, () => [] as Exact[]);
  for (const { year, share } of instalments) shares[year]?.push(share);
  return shares.map((list) => roundToOre(multiply(exact(amount), list.length > 0 ? sum(list) : ZERO)));
}

function costDues(line: CostLine, plan: FlowPlan): Instalment[] {
  const one = exact(1);
  switch (line.kind) {
    case 'one_off':
      return [{ year: yearPaidOn(line.startsOn, plan.investmentOn), share: one }];
    case 'monthly':
      return periodStarts(line, plan, 1).map((start) => ({ year: yearBegunOn(start, plan.investmentOn), share: one }));
    case 'yearly':
      return periodStarts(line, plan, 12).map((start) => ({ year: yearBegunOn(start, plan.investmentOn), share: one }));
  }
}

function benefitDues(line: BenefitLine, plan: FlowPlan): Instalment[] {
  const ramp = Math.max(line.rampMonths ?? 0, 1);
  return periodStarts(line, plan, 1).map((start, month) => ({
    year: yearBegunOn(start, plan.investmentOn),
    share: divide(exact(Math.min(month + 1, ramp)), exact(ramp)),
  }));
}

function yearPaidOn(day: Day, investmentOn: Day): number {
  if (day <= investmentOn) return 0;
  const months = wholeMonthsBetween(investmentOn, day);
  return addMonths(investmentOn, months) === day ? Math.ceil(months / 12) : Math.floor(months / 12) + 1;
}

function yearBegunOn(day: Day, investmentOn: Day): number {
  return day < investmentOn ? 0 : Math.floor(wholeMonthsBetween(investmentOn, day) / 12) + 1;
}

/** The starts of a line's months (step 1) or years (step 12), up to its end or the horizon's. */
function periodStarts(line: Pick<CostLine, 'startsOn' | 'endsOn'>, plan: FlowPlan, step: number): Day[] {
  const horizonOn = addMonths(plan.investmentOn, plan.horizonYears * 12);
  const lineEndsOn = line.endsOn ?? horizonOn;
  const endsOn = lineEndsOn < horizonOn ? lineEndsOn : horizonOn;
  const starts: Day[] = [];
  for (let day = line.startsOn; day < endsOn; day = addMonths(line.startsOn, starts.length * step)) starts.push(day);
  return starts;
}
