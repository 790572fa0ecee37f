import type { CalculationView, EconomyView } from '#contracts';
import {
  appraise,
  passesFilter,
  valueUnits,
  type Appraisal,
  type AttributeRhythm,
  type BenefitLine,
  type CostLine,
  type Family,
  type Payback,
} from '#domain';
import type { BenefitDraft, CostDraft, RuleDraft, TrialDraft } from './drafts.js';

const costOf = ({ kind, category, amountOre, startsOn, endsOn }: CostDraft): CostLine[] =>
  amountOre === null || startsOn === null ? [] : [{ kind, category, amountOre, startsOn, endsOn }];

const benefitOf = ({ category, plannedMonthOre, startsOn, endsOn }: BenefitDraft): BenefitLine[] =>
  plannedMonthOre === null || startsOn === null ? [] : [{ category, monthlyOre: plannedMonthOre, startsOn, endsOn }];

const rateOf = (payback: Payback): EconomyView['paybackYears'] =>
  payback.kind === 'paid_back' ? { kind: 'value', value: payback.years } : { kind: 'not_paid_back' };

const viewOf = ({ npvOre, payback, discountedPayback, bcr, roi }: Appraisal): EconomyView => ({
  npvOre,
  paybackYears: rateOf(payback),
  discountedPaybackYears: rateOf(discountedPayback),
  bcr,
  roi,
});

export interface PlanEconomy {
  financialOnly: EconomyView;
  includingRedistribution: EconomyView;
}

/** The plan's figures by the very functions of the server; null while the frame, or every line, is still missing. */
export function planEconomy({
  costs,
  benefits,
  investmentOn,
  horizonYears,
  discountRate,
}: TrialDraft): PlanEconomy | null {
  if (investmentOn === null || horizonYears === null || discountRate === null) return null;
  if (!Number.isInteger(horizonYears) || horizonYears < 1 || horizonYears > 15 || discountRate > 0.25) return null;
  const costLines = costs.flatMap(costOf);
  const benefitLines = benefits.flatMap(benefitOf);
  if (costLines.length + benefitLines.length === 0) return null;
  const { financialOnly, includingRedistribution } = appraise(
    { costLines, benefitLines, investmentOn, horizonYears },
    discountRate,
  );
  return { financialOnly: viewOf(financialOnly), includingRedistribution: viewOf(includingRedistribution) };
}

/** Length of the example month, in days. */
export const EXAMPLE_DAYS = 30;

/** Events a day of one device, by the family's rhythm; `undefined` for a metric without one. */
export const usualEventsPerDay = (family: Family, metric: string): number | undefined =>
  family.rhythm.metrics[metric]?.eventsPerDay;

/** What a rule would make of a month with so many events, spread over the dimensions as the family's rhythm has them. */
export function exampleMonth(family: Family, rule: RuleDraft, events: number): CalculationView | null {
  const { counterfactualShare, minutesPerUnit, addedWorkMinutesPerUnit, failureMinutes, hourlyCostOre } = rule;
  if (counterfactualShare === null || minutesPerUnit === null || addedWorkMinutesPerUnit === null) return null;
  if (failureMinutes === null || hourlyCostOre === null) return null;
  const share = shareOf(family, rule);
  const counted = {
    qualifying: Math.round(events * share(rule.filter)),
    failures: rule.failureFilter === null ? 0 : Math.round(events * share(rule.failureFilter)),
  };
  const terms = { counterfactualShare, minutesPerUnit, addedWorkMinutesPerUnit, failureMinutes, hourlyCostOre };
  const { counted: countedUnits, ...valued } = valueUnits(terms, counted);
  return { events, manual: 0, countedUnits, ...valued, ...terms, failures: counted.failures };
}

/** 0..1: how much of the metric's use passes a filter, dimensions taken as independent of each other. */
function shareOf(family: Family, { metric }: RuleDraft): (filter: RuleDraft['filter']) => number {
  const rhythms: Readonly<Record<string, AttributeRhythm>> = family.rhythm.metrics[metric]?.attributes ?? {};
  return (filter) =>
    Object.keys(filter).reduce((share, dimension) => {
      const rhythm = rhythms[dimension];
      if (rhythm?.type !== 'weights') return share;
      const weights = Object.entries(rhythm.weights);
      const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
      const own = { [dimension]: filter[dimension] ?? [] };
      const passing = weights.filter(([value]) => passesFilter(own, { [dimension]: value }));
      return share * (passing.reduce((sum, [, weight]) => sum + weight, 0) / total);
    }, 1);
}
