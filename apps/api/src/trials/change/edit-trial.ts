import { isDeepStrictEqual } from 'node:util';
import type { EditTrial, TrialView } from '#contracts';
import { TrialEntity, TrialGoalEntity } from '#database';
import { assertRuleChange, planTrial } from '#domain';
import type { EntityManager } from 'typeorm';
import { audit } from '../../audit/audit.js';
import { Refused } from '../../inventory/refused.js';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { readTrial, rowsOf } from '../view/trial-view.js';
import { assertProductFits, setCosts, setGoals, setParticipating } from './trial-parts.js';

/** Changes a trial's plan. Who has not seen the newest revision is refused, so that nobody's change is lost in silence. */
export async function editTrial(
  tx: EntityManager,
  scope: Scope,
  { id, body }: { id: string; body: EditTrial },
): Promise<TrialView> {
  const trial = await scoped(tx, TrialEntity, scope).lock(id);
  assertNewest(trial, body.revision);
  const { participatingNodeIds, goals, costs, ...plan } = body;
  const { title } = planTrial({ ...plan, startsOn: plan.plannedStartsOn, endsOn: plan.plannedEndsOn });
  await assertProductFits(tx, scope, { productId: plan.productId, trial });
  await scoped(tx, TrialEntity, scope).save({ ...plan, id, title, revision: trial.revision + 1 });
  await setParticipating(tx, scope, { trial, nodeIds: participatingNodeIds });
  await changeGoals(tx, scope, { trial, goals });
  await setCosts(tx, scope, { trialId: id, costs });
  await audit(tx, scope.person, {
    rootId: trial.rootId,
    action: 'trial.edit',
    subjectKind: 'trial',
    subjectId: id,
    changes: body,
  });
  return readTrial(tx, scope, id);
}

function assertNewest(trial: TrialEntity, seen: number): void {
  if (trial.revision === seen) return;
  throw new Refused(
    'changed_meanwhile',
    `${trial.code} has been changed since you opened it (revision ${trial.revision}, you saw ${seen}): open it again and repeat your change.`,
  );
}

/** Goals freeze at the approval (rule B10); the same goals sent again are no change. */
async function changeGoals(
  tx: EntityManager,
  scope: Scope,
  { trial, goals }: { trial: TrialEntity; goals: EditTrial['goals'] },
): Promise<void> {
  const stored = await rowsOf(tx, scope, { entity: TrialGoalEntity, trialId: trial.id });
  if (isDeepStrictEqual(stored.map(stated), goals.map(stated))) return;
  assertRuleChange({ stage: trial.stage });
  await setGoals(tx, scope, { trialId: trial.id, goals });
}

const stated = ({ kind, description, indicator, baseline, target, betterWhen }: EditTrial['goals'][number]) => ({
  ...{ kind, description, indicator, baseline, target, betterWhen },
});
