import type { BenefitLineView, RuleView, TrialView } from '#contracts';
import {
  BenefitLineEntity,
  CostLineEntity,
  MeasurementRuleEntity,
  TrialEntity,
  TrialGoalEntity,
  TrialStageChangeEntity,
} from '#database';
import { hasPermission, nextStages, type StageChange } from '#domain';
import { type EntityManager, In } from 'typeorm';
import { grantsValidNow } from '../../identity/sessions.service.js';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { namesOf, participatingNodes, pathOfOwner, readSummary } from './trials.queries.js';

/** A whole trial as the caller may see it, or NotInScope. */
export async function readTrial(tx: EntityManager, scope: Scope, id: string): Promise<TrialView> {
  const trial = await scoped(tx, TrialEntity, scope).get(id);
  const changes = await readStageChanges(tx, scope, id);
  const nodes = await participatingNodes(tx, scope, id);
  const { need, initiativeType, investmentOn, horizonYears, discountRate, caseReference, revision } = trial;
  return {
    ...(await readSummary(tx, scope, id)),
    ...{ need, initiativeType, investmentOn, horizonYears, discountRate, caseReference, revision },
    participatingNodeIds: nodes.map((node) => node.id),
    participatingNodes: nodes,
    goals: (await rowsOf(tx, scope, { entity: TrialGoalEntity, trialId: id })).map(goalView),
    costs: (await rowsOf(tx, scope, { entity: CostLineEntity, trialId: id })).map(costView),
    benefits: await benefitViews(tx, scope, id),
    stageChanges: await stageViews(tx, scope, changes),
    nextStages: [...nextStages(changes)],
    mayEdit: await mayEdit(tx, scope, trial),
  };
}

/** A trial's life in order. */
export function readStageChanges(
  tx: EntityManager,
  scope: Scope,
  trialId: string,
): Promise<(TrialStageChangeEntity & StageChange)[]> {
  const changes = scoped(tx, TrialStageChangeEntity, scope).query().andWhere('row.trial_id = :trialId', { trialId });
  return changes.orderBy('row.at').addOrderBy('row.id').getMany();
}

interface Positioned {
  id: string;
  trialId: string;
  position: number;
}

interface PartsOf<T> {
  entity: new () => T;
  trialId: string;
}

/** Goals, costs or benefit lines of a trial in their order. */
export function rowsOf<T extends Positioned>(
  tx: EntityManager,
  scope: Scope,
  { entity, trialId }: PartsOf<T>,
): Promise<T[]> {
  return scoped(tx, entity, scope)
    .query()
    .andWhere('row.trial_id = :trialId', { trialId })
    .orderBy('row.position')
    .getMany();
}

const goalView = ({ trialId: _trial, position: _position, ...goal }: TrialGoalEntity): TrialView['goals'][number] =>
  goal;
const costView = ({ trialId: _trial, position: _position, ...cost }: CostLineEntity): TrialView['costs'][number] =>
  cost;

async function benefitViews(tx: EntityManager, scope: Scope, trialId: string): Promise<BenefitLineView[]> {
  const lines = await rowsOf(tx, scope, { entity: BenefitLineEntity, trialId });
  const rules = await scoped(tx, MeasurementRuleEntity, scope).find({ benefitLineId: In(lines.map(({ id }) => id)) });
  const newest = new Map(
    rules.sort((one, other) => one.version - other.version).map((rule) => [rule.benefitLineId, rule]),
  );
  return lines.map((line) => lineView(line, newest.get(line.id)));
}

function lineView(line: BenefitLineEntity, rule: MeasurementRuleEntity | undefined): BenefitLineView {
  const { trialId: _trial, position: _position, sharesEffectWith: _shared, ...shown } = line;
  return { ...shown, rule: rule ? ruleView(rule) : null };
}

function ruleView(rule: MeasurementRuleEntity): RuleView {
  const { key: _key, benefitLineId: _line, createdBy: _by, createdAt, ...shown } = rule;
  return { ...shown, createdAt: createdAt.toISOString() };
}

async function stageViews(
  tx: EntityManager,
  scope: Scope,
  changes: TrialStageChangeEntity[],
): Promise<TrialView['stageChanges']> {
  const names = await namesOf(tx, scope, [...new Set(changes.flatMap(({ byUser }) => byUser ?? []))]);
  return changes.map(({ stage, at, byUser, reason }) => ({
    stage,
    at: at.toISOString(),
    byName: byUser === null ? null : (names.get(byUser) ?? null),
    reason,
  }));
}

/** Whether any grant of the caller permits to edit this very trial, whatever the permission that it was read by. */
async function mayEdit(tx: EntityManager, scope: Scope, trial: TrialEntity): Promise<boolean> {
  const grants = await grantsValidNow(tx, scope.person.id);
  const path = await pathOfOwner(tx, scope, trial.ownerNodeId);
  const reaches = ({ nodeId, trialId }: { nodeId: string | null; trialId: string | null }): boolean =>
    trialId === trial.id || (nodeId !== null && path.includes(nodeId));
  return grants.some((grant) => hasPermission(grant.role, 'trial:edit') && reaches(grant));
}
