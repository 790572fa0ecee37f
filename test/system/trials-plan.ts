import type { RegisterTrial } from '#contracts';
import type { OrgNodeEntity } from '#database';

/** What a keyless lock saves, as a trial's own rule. */
export const rule: NonNullable<RegisterTrial['benefits'][number]['rule']> = {
  metric: 'unlock',
  filter: { result: ['success'], actor_role: ['staff'] },
  deduplicateMinutes: 5,
  counterfactualShare: 0.3,
  counterfactualDimension: 'visit',
  minutesPerUnit: 2,
  addedWorkMinutesPerUnit: 0,
  failureFilter: { result: ['failure'] },
  failureMinutes: 10,
  hourlyCostOre: 33_620,
  evidence: 'E',
  source: 'Antagande',
};

/** A planned benefit measured by {@link rule}. */
export const line = {
  name: 'Mindre nyckelhantering',
  category: 'redistribution',
  stakeholder: 'staff',
  certainty: 'yellow',
  taskKind: 'task_removed',
  plannedMonthOre: 1_200_000,
  startsOn: '2026-01-01',
  endsOn: null,
  realisationAction: 'Fler besök per tur',
  rule,
} satisfies RegisterTrial['benefits'][number];
export const goal = {
  kind: 'effect',
  description: 'Färre nyckelresor',
  indicator: 'resor/vecka',
  baseline: 30,
  target: 10,
  betterWhen: 'lower',
} as const;
export const cost = {
  name: 'Lås',
  kind: 'monthly',
  category: 'financial',
  amountOre: 14_900,
  startsOn: '2026-01-01',
  endsOn: null,
} as const;

/** A whole plan for a trial owned by the node. */
export function plan(owner: OrgNodeEntity, given: Partial<RegisterTrial> = {}): RegisterTrial {
  return {
    title: 'Nyckelfria lås i hemtjänsten',
    need: 'Nycklar hämtas i onödan',
    family: 'keyless_lock',
    productId: null,
    ownerNodeId: owner.id,
    participatingNodeIds: [],
    initiativeType: 'project',
    plannedStartsOn: '2026-01-01',
    plannedEndsOn: '2026-06-30',
    investmentOn: '2026-01-01',
    horizonYears: 4,
    discountRate: 0.03,
    caseReference: 'VON 2026/17',
    goals: [goal],
    costs: [cost],
    benefits: [line],
    ...given,
  };
}
