import { randomUUID } from 'node:crypto';
import { BenefitLineEntity, MeasurementRuleEntity, type TrialEntity } from '#database';
import { FAMILIES } from '#domain';
import type { TestApi } from './api.js';

/** A benefit line of a trial: 1 000 kr a month of redistributed time since long ago, unless given otherwise. */
export async function benefitLine(
  api: TestApi,
  trial: TrialEntity,
  given: Partial<BenefitLineEntity> = {},
): Promise<BenefitLineEntity> {
  const id = randomUUID();
  await api.db.manager.insert(BenefitLineEntity, {
    name: 'Färre nyckelresor',
    category: 'redistribution',
    stakeholder: 'staff',
    certainty: 'yellow',
    taskKind: 'task_removed',
    plannedMonthOre: 100_000,
    startsOn: '2024-01-01',
    endsOn: null,
    position: 1,
    ...given,
    id,
    trialId: trial.id,
  });
  return api.db.manager.findOneByOrFail(BenefitLineEntity, { id });
}

/** A version of a line's rule: its trial's family's own, unless given otherwise. */
export async function measurementRule(
  api: TestApi,
  { line, trial }: { line: BenefitLineEntity; trial: TrialEntity },
  given: Partial<MeasurementRuleEntity> = {},
): Promise<MeasurementRuleEntity> {
  const id = randomUUID();
  const rule = FAMILIES[trial.family].defaultRule;
  await api.db.manager.insert(MeasurementRuleEntity, {
    version: 1,
    metric: rule.metric,
    filter: rule.filter as Record<string, string[]>,
    deduplicateMinutes: rule.deduplicateMinutes,
    counterfactualShare: rule.counterfactualShare,
    minutesPerUnit: rule.minutesPerUnit,
    addedWorkMinutesPerUnit: rule.addedWorkMinutesPerUnit,
    failureFilter: (rule.failureFilter ?? null) as Record<string, string[]> | null,
    failureMinutes: rule.failureMinutes,
    hourlyCostOre: rule.hourlyCostOre,
    evidence: rule.evidence,
    source: 'Antagande',
    ...given,
    id,
    benefitLineId: line.id,
  });
  return api.db.manager.findOneByOrFail(MeasurementRuleEntity, { id });
}
