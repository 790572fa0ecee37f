import type { RegisterTrial } from '#contracts';
import {
  addMonths,
  type Day,
  FAMILIES,
  type FamilyCode,
  hourlyCostOre,
  ruleOf,
  type TrialStage,
  type UsageFilter,
  valueUnits,
} from '#domain';

/** A trial of the demo: what it is registered with, when it came where, and where its devices stand. */
export interface DemoTrial {
  key: string;
  product: string;
  owner: string;
  participating: readonly string[];
  /** Days before today at which each stage was reached; the first is the registration. */
  stages: readonly { stage: TrialStage; daysAgo: number }[];
  /** Prefixes of the places where its devices stand, one each, and of their asset tags. */
  places: readonly string[];
  tags: string;
  plan(startsOn: Day): Omit<RegisterTrial, 'family' | 'productId' | 'ownerNodeId' | 'participatingNodeIds'>;
}

type Rule = NonNullable<RegisterTrial['benefits'][number]['rule']>;

/** Öre: 31 000 kr a month (Inera: 142 hours, 54 % on-cost) is 336.20 kr an hour. */
export const HOURLY_COST_ORE = hourlyCostOre(3_100_000);

type Filter = Rule['filter'];

const copied = (filter: UsageFilter): Filter =>
  Object.fromEntries(Object.entries(filter).map(([name, values]) => [name, [...values]]));

/** The family's default rule as a trial's own. */
export function usualRule(family: FamilyCode): Rule {
  const {
    category: _category,
    counterfactualDimension = null,
    failureFilter,
    filter,
    ...terms
  } = ruleOf(FAMILIES[family].defaultRule);
  return {
    ...terms,
    counterfactualDimension,
    filter: copied(filter),
    failureFilter: failureFilter ? copied(failureFilter) : null,
    source: FAMILIES[family].defaultRule.source.sv,
    hourlyCostOre: HOURLY_COST_ORE,
  };
}

/** What so many uses a month would be worth by the rule. */
export const planned = (family: FamilyCode, uses: { qualifying: number; failures: number }): number =>
  valueUnits(usualRule(family), uses).potentialOre;

/** When a trial of three months is planned, and how its investment is reckoned. */
export const frame = (
  startsOn: Day,
): { plannedStartsOn: Day; plannedEndsOn: Day; investmentOn: Day; discountRate: number } => ({
  plannedStartsOn: startsOn,
  plannedEndsOn: addMonths(startsOn, 3),
  investmentOn: startsOn,
  discountRate: 0.03,
});
