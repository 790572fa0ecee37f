import type { TrialView } from '#contracts';
import { markTrialDays, TrialEntity, TrialStageChangeEntity } from '#database';
import { FAMILIES, moveTrial, type StageChange, type TrialStage } from '#domain';
import type { EntityManager } from 'typeorm';
import { audit } from '../../audit/audit.js';
import { Refused } from '../../inventory/refused.js';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { readStageChanges, readTrial } from '../view/trial-view.js';

export interface Move {
  id: string;
  stage: TrialStage;
  at?: string | undefined;
  reason: string;
}

/** Moves a trial to another stage, now or since a time that has passed; which usage counts changes with it (rule U9). */
export async function moveStage(tx: EntityManager, scope: Scope, move: Move): Promise<TrialView> {
  const trial = await scoped(tx, TrialEntity, scope).lock(move.id);
  const changes = await readStageChanges(tx, scope, trial.id);
  const { stage, reason } = moveTrial({ changes, to: move.stage, reason: move.reason });
  const at = timeOf(move, changes);
  await tx.insert(TrialStageChangeEntity, {
    trialId: trial.id,
    stage,
    at,
    reason: reason ?? '',
    byUser: scope.person.id,
  });
  await scoped(tx, TrialEntity, scope).save({ id: trial.id, stage });
  await markTrialDays(tx, trial.id, FAMILIES[trial.family].dayStartsAtHour);
  await audit(tx, scope.person, {
    rootId: trial.rootId,
    action: 'trial.move',
    subjectKind: 'trial',
    subjectId: trial.id,
    reason: reason ?? '',
    changes: { from: trial.stage, stage, at: at.toISOString() },
  });
  return readTrial(tx, scope, trial.id);
}

/** A life is told in order: a step cannot come before the one that it follows, nor before it has happened. */
function timeOf({ at: given }: Move, changes: readonly StageChange[]): Date {
  const now = new Date();
  const at = given ? new Date(given) : now;
  const last = changes.at(-1)?.at;
  if (at > now)
    throw new Refused('time_in_future', `${at.toISOString()} has not come yet: move the trial when it happens.`);
  if (last && at < last) {
    throw new Refused(
      'time_before_last_change',
      `The latest change was at ${last.toISOString()}: choose that time or a later one.`,
    );
  }
  return at;
}
