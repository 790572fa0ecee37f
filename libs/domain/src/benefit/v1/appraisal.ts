// Released formulas, version 1: never edited (structural rule 14). A change is a new version beside this one.
import { RuleViolation } from '../../errors.js';
import { add, divide, exact, multiply, power, signOf, subtract, sum, toNumber, ZERO, type Exact } from '../../exact.js';
import { roundToOre, type Ore } from '../../money.js';
import type { Category } from '../vocabulary.js';
import { yearlyFlows, type FlowPlan, type YearlyFlow } from './flows.js';

/** Real discount rate when none is chosen: 3 % (Inera). */
export const DEFAULT_DISCOUNT_RATE = 0.03;

export type Payback =
  | { readonly kind: 'paid_back'; readonly years: number }
  | { readonly kind: 'not_paid_back'; readonly horizonYears: number };

/** A ratio to the costs: with none there is no ratio (rule B8). */
export type CostRatio = { readonly kind: 'value'; readonly value: number } | { readonly kind: 'no_cost' };

/** NPV = Σ (B_t − C_t)/(1+r)^t, t in whole years from the investment date, rounded once to öre (rule B6). */
export function npvOre(flows: readonly YearlyFlow[], rate: number): Ore {
  return roundToOre(sum(discounted(flows, rate).map(({ net }) => net)));
}

/**
 * Years until the cumulative net is 0 or more, counted from the first outlay on and interpolated within the year
 * (rule B6). Nothing ever laid out is paid back at once.
 */
export function payback(flows: readonly YearlyFlow[]): Payback {
  return discountedPayback(flows, 0);
}

/** {@link payback} of the discounted flows. */
export function discountedPayback(flows: readonly YearlyFlow[], rate: number): Payback {
  let before = ZERO;
  let isOutlaid = false;
  for (const { year, cost, net } of discounted(flows, rate)) {
    const after = add(before, net);
    isOutlaid ||= signOf(cost) > 0;
    if (isOutlaid && signOf(after) >= 0) return { kind: 'paid_back', years: crossing(year, before, net) };
    before = after;
  }
  return isOutlaid ? { kind: 'not_paid_back', horizonYears: lastYear(flows) } : { kind: 'paid_back', years: 0 };
}

/** The point within the year before `year` at which a cumulative `before` and an even flow of `net` reach 0. */
function crossing(year: number, before: Exact, net: Exact): number {
  if (year === 0) return 0;
  const share = signOf(before) < 0 ? divide(multiply(exact(-1), before), net) : ZERO;
  return toNumber(add(exact(year - 1), share));
}

function lastYear(flows: readonly YearlyFlow[]): number {
  return Math.max(0, ...flows.map(({ year }) => year));
}

/** Benefit–cost ratio: PV(B) / PV(C). */
export function bcr(flows: readonly YearlyFlow[], rate: number): CostRatio {
  return perCost(flows, rate, ({ benefit }) => benefit);
}

/** (ΣB − ΣC) / ΣC, undiscounted unless a rate is given. */
export function roi(flows: readonly YearlyFlow[], rate = 0): CostRatio {
  return perCost(flows, rate, ({ net }) => net);
}

function perCost(flows: readonly YearlyFlow[], rate: number, gain: (flow: DiscountedFlow) => Exact): CostRatio {
  const years = discounted(flows, rate);
  const cost = sum(years.map((flow) => flow.cost));
  if (signOf(cost) <= 0) return { kind: 'no_cost' };
  return { kind: 'value', value: toNumber(divide(sum(years.map(gain)), cost)) };
}

interface DiscountedFlow {
  readonly year: number;
  readonly cost: Exact;
  readonly benefit: Exact;
  readonly net: Exact;
}

function discounted(flows: readonly YearlyFlow[], rate: number): DiscountedFlow[] {
  if (!(rate > -1 && rate <= 1)) {
    throw new RuleViolation('rate_out_of_range', `The discount rate is ${rate}: give a share, as 0.03 for 3 %.`);
  }
  const growth = add(exact(1), exact(rate));
  return [...flows]
    .sort((one, other) => one.year - other.year)
    .map(({ year, costOre, benefitOre }) => {
      const cost = divide(exact(costOre), power(growth, year));
      const benefit = divide(exact(benefitOre), power(growth, year));
      return { year, cost, benefit, net: subtract(benefit, cost) };
    });
}

/** The figures of one calculation. */
export interface Appraisal {
  readonly flows: readonly YearlyFlow[];
  readonly npvOre: Ore;
  readonly payback: Payback;
  readonly discountedPayback: Payback;
  readonly bcr: CostRatio;
  readonly roi: CostRatio;
  readonly discountedRoi: CostRatio;
}

/** The two that exist side by side and are never merged (rule B1); the first is the headline. */
export interface Appraisals {
  readonly financialOnly: Appraisal;
  readonly includingRedistribution: Appraisal;
}

/**
 * Computes the figures twice: with the lines (costs as well as benefits) that are financial, and with those plus
 * redistribution. Quality and environment enter neither: they stand beside money.
 */
export function appraise(plan: FlowPlan, rate: number = DEFAULT_DISCOUNT_RATE): Appraisals {
  return {
    financialOnly: appraiseCategories(plan, rate, ['financial']),
    includingRedistribution: appraiseCategories(plan, rate, ['financial', 'redistribution']),
  };
}

function appraiseCategories(plan: FlowPlan, rate: number, categories: readonly Category[]): Appraisal {
  const isIncluded = (line: { category: Category }) => categories.includes(line.category);
  const flows = yearlyFlows({
    ...plan,
    costLines: plan.costLines.filter(isIncluded),
    benefitLines: plan.benefitLines.filter(isIncluded),
  });
  return {
    flows,
    npvOre: npvOre(flows, rate),
    payback: payback(flows),
    discountedPayback: discountedPayback(flows, rate),
    bcr: bcr(flows, rate),
    roi: roi(flows),
    discountedRoi: roi(flows, rate),
  };
}
