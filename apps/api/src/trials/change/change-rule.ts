import type { RuleInput, TrialView } from '#contracts';
import { BenefitLineEntity, markTrialDays, MeasurementRuleEntity, TrialEntity } from '#database';
import { assertRuleChange, FAMILIES } from '#domain';
import type { EntityManager } from 'typeorm';
import { audit } from '../../audit/audit.js';
import type { Scope } from '../../scope/scope.js';
import { NotInScope, scoped } from '../../scope/scoped.js';
import { readTrial } from '../view/trial-view.js';
import { addRuleVersion, assertRuleFits } from './measurement-rules.js';

export interface RuleChange {
  id: string;
  lineId: string;
  rule: RuleInput;
  reason: string;
}

/** Adds a version of a line's rule; every day of the trial is counted again by it (rule B10, structural rule 3). */
export async function changeRule(
  tx: EntityManager,
  scope: Scope,
  { id, lineId, rule, reason }: RuleChange,
): Promise<TrialView> {
  const trial = await scoped(tx, TrialEntity, scope).lock(id);
  const line = await lineOf(tx, scope, { trialId: id, lineId });
  assertRuleChange({ stage: trial.stage, reason });
  assertRuleFits({ family: trial.family, line, rule });
  const version = (await newestVersion(tx, scope, lineId)) + 1;
  await addRuleVersion(tx, scope, { benefitLineId: lineId, version, rule, reason });
  await markTrialDays(tx, id, FAMILIES[trial.family].dayStartsAtHour);
  await audit(tx, scope.person, {
    rootId: trial.rootId,
    action: 'trial.change_rule',
    subjectKind: 'trial',
    subjectId: id,
    reason,
    changes: { lineId, version, rule },
  });
  return readTrial(tx, scope, id);
}

async function lineOf(
  tx: EntityManager,
  scope: Scope,
  { trialId, lineId }: { trialId: string; lineId: string },
): Promise<BenefitLineEntity> {
  const [line] = await scoped(tx, BenefitLineEntity, scope).find({ id: lineId, trialId });
  if (!line) throw new NotInScope('benefit line');
  return line;
}

async function newestVersion(tx: EntityManager, scope: Scope, benefitLineId: string): Promise<number> {
  const versions = await scoped(tx, MeasurementRuleEntity, scope).find({ benefitLineId });
  return Math.max(0, ...versions.map(({ version }) => version));
}
