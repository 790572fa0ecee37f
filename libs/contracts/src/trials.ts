import {
  BETTER_WHEN,
  CATEGORIES,
  CERTAINTIES,
  COST_KINDS,
  EVIDENCE_LEVELS,
  FAMILY_CODES,
  GOAL_KINDS,
  INITIATIVE_TYPES,
  STAKEHOLDERS,
  TASK_KINDS,
  TRIAL_STAGES,
  TRIAL_TITLE_MAX,
  TRIAL_TITLE_MIN,
} from '#domain';
import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { ById, Id, Instant, LocalDate, name, Page, pageOf, PositiveOre, text } from './values.js';

/** Dimension → the values that qualify; a dimension that is not named may have any value. */
const Filter = z.record(text(40), z.array(text(60)).min(1).max(20));

const ruleShape = {
  metric: text(40),
  filter: Filter,
  deduplicateMinutes: z.number().min(0).max(1440),
  counterfactualShare: z.number().min(0).max(1),
  /** The dimension that the share stands in for: it cannot be filtered on as well (rule B4). */
  counterfactualDimension: text(40).nullable().default(null),
  minutesPerUnit: z.number().min(0).max(1440),
  addedWorkMinutesPerUnit: z.number().min(0).max(1440),
  failureFilter: Filter.nullable(),
  failureMinutes: z.number().min(0).max(1440),
  hourlyCostOre: PositiveOre,
  evidence: z.enum(EVIDENCE_LEVELS),
  source: text(500),
};

export const RuleInput = z.object(ruleShape).meta({ id: 'RuleInput' });
export type RuleInput = z.output<typeof RuleInput>;

export const RuleView = z
  .object({ ...ruleShape, id: Id, version: z.number().int(), reason: z.string(), createdAt: Instant })
  .meta({ id: 'Rule' });
export type RuleView = z.output<typeof RuleView>;

const goalShape = {
  kind: z.enum(GOAL_KINDS),
  description: name(500),
  indicator: text(200),
  baseline: z.number().nullable(),
  target: z.number().nullable(),
  betterWhen: z.enum(BETTER_WHEN),
};
const costShape = {
  name: name(120),
  kind: z.enum(COST_KINDS),
  category: z.enum(CATEGORIES),
  amountOre: PositiveOre,
  startsOn: LocalDate,
  endsOn: LocalDate.nullable(),
};
const benefitShape = {
  name: name(120),
  category: z.enum(CATEGORIES),
  stakeholder: z.enum(STAKEHOLDERS),
  certainty: z.enum(CERTAINTIES),
  taskKind: z.enum(TASK_KINDS),
  plannedMonthOre: PositiveOre,
  startsOn: LocalDate,
  endsOn: LocalDate.nullable(),
  realisationAction: text(500),
};

const trialShape = {
  title: name(TRIAL_TITLE_MAX).min(TRIAL_TITLE_MIN),
  need: text(4000),
  family: z.enum(FAMILY_CODES),
  productId: Id.nullable(),
  ownerNodeId: Id,
  participatingNodeIds: z.array(Id).max(200),
  initiativeType: z.enum(INITIATIVE_TYPES),
  plannedStartsOn: LocalDate,
  plannedEndsOn: LocalDate,
  investmentOn: LocalDate,
  horizonYears: z.number().int().min(1).max(15),
  discountRate: z.number().min(0).max(0.25),
  caseReference: text(80),
};

/** A trial is registered whole: its goals, costs and the benefit line with the rule that will measure it. */
export const RegisterTrial = z
  .object({
    ...trialShape,
    /** When the idea was raised, for a trial that is already under way; now when left out. */
    ideaAt: Instant.optional(),
    goals: z.array(z.object(goalShape)).max(50),
    costs: z.array(z.object(costShape)).max(100),
    benefits: z.array(z.object({ ...benefitShape, rule: RuleInput.nullable() })).max(20),
  })
  .meta({ id: 'RegisterTrial' });
export type RegisterTrial = z.output<typeof RegisterTrial>;

/** An edit replaces goals, costs and benefit lines without a rule change; it names the revision it saw. */
export const EditTrial = z
  .object({
    ...trialShape,
    goals: z.array(z.object(goalShape)).max(50),
    costs: z.array(z.object(costShape)).max(100),
    revision: z.number().int(),
  })
  .omit({ family: true, ownerNodeId: true })
  .meta({ id: 'EditTrial' });
export type EditTrial = z.output<typeof EditTrial>;

export const StageChangeView = z
  .object({ stage: z.enum(TRIAL_STAGES), at: Instant, byName: z.string().nullable(), reason: z.string() })
  .meta({ id: 'StageChange' });

export const TrialSummaryView = z
  .object({
    id: Id,
    code: z.string(),
    title: z.string(),
    family: z.enum(FAMILY_CODES),
    productId: Id.nullable(),
    productName: z.string().nullable(),
    ownerNodeId: Id,
    ownerNodeName: z.string(),
    stage: z.enum(TRIAL_STAGES),
    plannedStartsOn: LocalDate,
    plannedEndsOn: LocalDate,
    devices: z.number().int(),
  })
  .meta({ id: 'TrialSummary' });
export type TrialSummaryView = z.output<typeof TrialSummaryView>;

export const BenefitLineView = z
  .object({ ...benefitShape, id: Id, rule: RuleView.nullable() })
  .meta({ id: 'BenefitLine' });
export type BenefitLineView = z.output<typeof BenefitLineView>;

export const TrialView = z
  .object({
    ...TrialSummaryView.shape,
    ...trialShape,
    participatingNodes: z.array(z.object({ id: Id, name: z.string() })),
    goals: z.array(z.object({ ...goalShape, id: Id })),
    costs: z.array(z.object({ ...costShape, id: Id })),
    benefits: z.array(BenefitLineView),
    stageChanges: z.array(StageChangeView),
    /** Where the trial can go from here (rule D3). */
    nextStages: z.array(z.enum(TRIAL_STAGES)),
    /** Your permissions on this very trial. */
    mayEdit: z.boolean(),
    revision: z.number().int(),
  })
  .meta({ id: 'Trial' });
export type TrialView = z.output<typeof TrialView>;

export const trialsApi = {
  list: endpoint({
    method: 'GET',
    path: '/api/trials',
    access: 'trial:read',
    summary: 'Trials owned by or running at nodes in your scope',
    query: Page.extend({ stage: z.enum(TRIAL_STAGES).optional() }),
    response: pageOf(TrialSummaryView),
  }),
  get: endpoint({
    method: 'GET',
    path: '/api/trials/:id',
    access: 'trial:read',
    summary: 'One trial',
    params: ById,
    response: TrialView,
  }),
  similar: endpoint({
    method: 'GET',
    path: '/api/trials/similar',
    access: 'trial:read',
    summary: 'Trials of the same product or family anywhere in the municipality (title, unit and stage only)',
    query: z.object({ family: z.enum(FAMILY_CODES), productId: Id.optional() }),
    response: z.array(TrialSummaryView),
  }),
  register: endpoint({
    method: 'POST',
    path: '/api/trials',
    access: 'trial:edit',
    summary: 'Register a trial',
    body: RegisterTrial,
    response: TrialView,
  }),
  edit: endpoint({
    method: 'PUT',
    path: '/api/trials/:id',
    access: 'trial:edit',
    summary: 'Change a trial',
    params: ById,
    body: EditTrial,
    response: TrialView,
  }),
  move: endpoint({
    method: 'POST',
    path: '/api/trials/:id/stage',
    access: 'trial:move',
    summary: 'Move a trial to another stage of its life',
    params: ById,
    body: z
      .object({ stage: z.enum(TRIAL_STAGES), at: Instant.optional(), reason: text(1000).default('') })
      .meta({ id: 'MoveTrial' }),
    response: TrialView,
  }),
  changeRule: endpoint({
    method: 'POST',
    path: '/api/trials/:id/benefits/:lineId/rule',
    access: 'trial:edit',
    summary: 'A new version of a line’s measurement rule; from approved on it needs a reason (rule B10)',
    params: ById.extend({ lineId: Id }),
    body: z.object({ rule: RuleInput, reason: text(1000).default('') }).meta({ id: 'ChangeRule' }),
    response: TrialView,
  }),
};
