import { randomUUIDv7 } from 'node:crypto';
import type { RegisterTrial, TrialView } from '#contracts';
import { BenefitLineEntity, OrgNodeEntity, TrialEntity, TrialStageChangeEntity } from '#database';
import { assertValidity, localDay, moveTrial, planTrial } from '#domain';
import type { EntityManager } from 'typeorm';
import { audit } from '../../audit/audit.js';
import { Refused } from '../../inventory/refused.js';
import { zoneOf } from '../../inventory/zone.queries.js';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { readTrial } from '../view/trial-view.js';
import { addRuleVersion, assertRuleFits } from './measurement-rules.js';
import { nextTrialCode } from './trial-number.queries.js';
import { assertProductFits, setCosts, setGoals, setParticipating } from './trial-parts.js';

interface Registration {
  plan: RegisterTrial;
  at: Date;
}

/** Registers a whole trial, an idea at first: with goals, costs and benefit lines with the rules that will measure them. */
export async function registerTrial(tx: EntityManager, scope: Scope, { plan, at }: Registration): Promise<TrialView> {
  const owner = await scoped(tx, OrgNodeEntity, scope).get(plan.ownerNodeId);
  const trial = await insertTrial(tx, scope, { plan, at, owner });
  await setParticipating(tx, scope, { trial, nodeIds: plan.participatingNodeIds });
  await setGoals(tx, scope, { trialId: trial.id, goals: plan.goals });
  await setCosts(tx, scope, { trialId: trial.id, costs: plan.costs });
  await addBenefits(tx, scope, { trial, benefits: plan.benefits });
  await audit(tx, scope.person, {
    rootId: trial.rootId,
    action: 'trial.register',
    subjectKind: 'trial',
    subjectId: trial.id,
    changes: { ...plan, code: trial.code },
  });
  return readTrial(tx, scope, trial.id);
}

async function insertTrial(
  tx: EntityManager,
  scope: Scope,
  given: Registration & { owner: OrgNodeEntity },
): Promise<TrialEntity> {
  const { plan, at, owner } = given;
  const { title } = planTrial({ ...plan, startsOn: plan.plannedStartsOn, endsOn: plan.plannedEndsOn });
  await assertProductFits(tx, scope, { productId: plan.productId, trial: { ...plan, rootId: owner.rootId } });
  const { stage } = moveTrial({ changes: [], to: 'idea' });
  const { ideaAt, participatingNodeIds: _nodes, goals: _goals, costs: _costs, benefits: _benefits, ...row } = plan;
  const created = { id: randomUUIDv7(), rootId: owner.rootId, stage, createdBy: scope.person.id, createdAt: at };
  const code = await codeOf(tx, scope, { rootId: owner.rootId, at });
  const trial = await scoped(tx, TrialEntity, scope).save({ ...row, ...created, title, code });
  await tx.insert(TrialStageChangeEntity, {
    trialId: trial.id,
    stage,
    at: ideaTime(ideaAt, at),
    byUser: scope.person.id,
  });
  return trial;
}

/** A trial that is already under way is registered with the time of its idea, so that its later stages can be dated too. */
function ideaTime(given: string | undefined, now: Date): Date {
  const at = given === undefined ? now : new Date(given);
  if (at > now)
    throw new Refused(
      'time_in_future',
      `${at.toISOString()} has not come yet: an idea is registered when it is there.`,
    );
  return at;
}

async function codeOf(tx: EntityManager, scope: Scope, { rootId, at }: { rootId: string; at: Date }): Promise<string> {
  const today = localDay(at.getTime(), await zoneOf(tx, scope, rootId));
  return nextTrialCode(tx, scope, { rootId, year: Number(today.slice(0, 4)) });
}

async function addBenefits(
  tx: EntityManager,
  scope: Scope,
  { trial, benefits }: { trial: TrialEntity; benefits: RegisterTrial['benefits'] },
): Promise<void> {
  for (const [position, { rule, ...line }] of benefits.entries()) {
    assertValidity(line.startsOn, line.endsOn);
    const { id } = await scoped(tx, BenefitLineEntity, scope).save({
      ...line,
      id: randomUUIDv7(),
      trialId: trial.id,
      position,
    });
    if (rule === null) continue;
    assertRuleFits({ family: trial.family, line, rule });
    await addRuleVersion(tx, scope, { benefitLineId: id, version: 1, rule, reason: '' });
  }
}
