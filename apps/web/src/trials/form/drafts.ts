import {
  addDays,
  DEFAULT_DISCOUNT_RATE,
  FAMILIES,
  type BetterWhen,
  type Category,
  type Certainty,
  type CostKind,
  type Day,
  type DefaultRule,
  type EvidenceLevel,
  type FamilyCode,
  type GoalKind,
  type InitiativeType,
  type Stakeholder,
  type TaskKind,
} from '#domain';
import type { UseFormReturnType } from '@mantine/form';
import type { Locale } from '../../format.js';

// A trial as it is being written: what is not filled in yet is null. Types, since forms want an index signature.
export type Filter = Record<string, string[]>;

export type RuleDraft = {
  metric: string;
  filter: Filter;
  deduplicateMinutes: number | null;
  counterfactualShare: number | null;
  counterfactualDimension: string | null;
  minutesPerUnit: number | null;
  addedWorkMinutesPerUnit: number | null;
  failureFilter: Filter | null;
  failureMinutes: number | null;
  hourlyCostOre: number | null;
  evidence: EvidenceLevel;
  source: string;
};

export type GoalDraft = {
  kind: GoalKind;
  description: string;
  indicator: string;
  baseline: number | null;
  target: number | null;
  betterWhen: BetterWhen;
};

export type CostDraft = {
  name: string;
  kind: CostKind;
  category: Category;
  amountOre: number | null;
  startsOn: Day | null;
  endsOn: Day | null;
};

export type BenefitDraft = {
  name: string;
  category: Category;
  stakeholder: Stakeholder;
  certainty: Certainty;
  taskKind: TaskKind;
  plannedMonthOre: number | null;
  startsOn: Day | null;
  endsOn: Day | null;
  realisationAction: string;
  rule: RuleDraft | null;
};

export type TrialDraft = {
  title: string;
  need: string;
  family: FamilyCode | null;
  productId: string | null;
  ownerNodeId: string | null;
  participatingNodeIds: string[];
  initiativeType: InitiativeType;
  plannedStartsOn: Day | null;
  plannedEndsOn: Day | null;
  investmentOn: Day | null;
  horizonYears: number | null;
  discountRate: number | null;
  caseReference: string;
  goals: GoalDraft[];
  costs: CostDraft[];
  benefits: BenefitDraft[];
};

export type TrialForm = UseFormReturnType<TrialDraft>;

/** Upper end of the usual 4–12 weeks, and the years a calculation looks ahead: assumptions, shown as such. */
const TRIAL_DAYS = 84;
const HORIZON_YEARS = 5;

export const newGoal = (kind: GoalKind): GoalDraft => ({
  kind,
  description: '',
  indicator: '',
  baseline: null,
  target: null,
  betterWhen: 'higher',
});

export const newCost = (startsOn: Day | null): CostDraft => ({
  name: '',
  kind: 'one_off',
  category: 'financial',
  amountOre: null,
  startsOn,
  endsOn: null,
});

export const newTrial = (today: Day): TrialDraft => ({
  title: '',
  need: '',
  family: null,
  productId: null,
  ownerNodeId: null,
  participatingNodeIds: [],
  initiativeType: 'project',
  plannedStartsOn: today,
  plannedEndsOn: addDays(today, TRIAL_DAYS),
  investmentOn: today,
  horizonYears: HORIZON_YEARS,
  discountRate: DEFAULT_DISCOUNT_RATE,
  caseReference: '',
  goals: [newGoal('project'), newGoal('effect')],
  costs: [newCost(today)],
  benefits: [],
});

const copyOf = (filter: Readonly<Record<string, readonly string[]>>): Filter =>
  Object.fromEntries(Object.entries(filter).map(([dimension, values]) => [dimension, [...values]]));

/** The family's own starting rule, as a draft to edit. */
export function defaultRuleOf(family: FamilyCode, locale: Locale): RuleDraft {
  const { source, assumption: _, category: _category, ...rule }: DefaultRule = FAMILIES[family].defaultRule;
  return {
    ...rule,
    filter: copyOf(rule.filter),
    failureFilter: rule.failureFilter === undefined ? null : copyOf(rule.failureFilter),
    counterfactualDimension: rule.counterfactualDimension ?? null,
    source: source[locale],
  };
}

export const newBenefit = (family: FamilyCode, startsOn: Day | null, locale: Locale): BenefitDraft => ({
  name: '',
  category: FAMILIES[family].defaultRule.category,
  stakeholder: 'unit',
  certainty: 'yellow',
  taskKind: 'task_removed',
  plannedMonthOre: null,
  startsOn,
  endsOn: null,
  realisationAction: '',
  rule: defaultRuleOf(family, locale),
});
