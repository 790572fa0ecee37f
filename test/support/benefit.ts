import { randomUUID } from 'node:crypto';
import { BenefitLineEntity, MeasurementRuleEntity, type OrgNodeEntity, type TrialEntity } from '#database';
import { FAMILIES } from '#domain';
import { expect, vi } from 'vitest';
import type { TestApi } from './api.js';
import * as build from './builders.js';
import { type GivenUsage, type Placed, recordUsage } from './usage.js';

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

/** A unit with a lock in a running trial that the keyless rule measures, and its manager. */
export async function measuredUnit(api: TestApi, given: { root?: OrgNodeEntity; simulated?: boolean } = {}) {
  const root = given.root ?? (await build.municipality(api));
  const unit = await build.node(api, root);
  const trial = await build.trial(api, unit);
  const line = await benefitLine(api, trial);
  const rule = await measurementRule(api, { line, trial });
  const device = await build.device(api, unit, { simulated: given.simulated ?? false });
  const placement = await build.placement(api, { device, node: unit }, { trial });
  const manager = await build.user(api, { role: 'manager', node: unit });
  return { root, unit, trial, line, rule, device, placement, manager };
}

export type MeasuredUnit = Awaited<ReturnType<typeof measuredUnit>>;

/** Until the worker has nothing left to do: a figure is right within two seconds of its usage's commit. */
export const workerAtRest = (api: TestApi): Promise<void> =>
  vi.waitFor(async () => expect(await api.db.query('select * from dirty_day')).toEqual([]), {
    timeout: 2_000,
    interval: 25,
  });

/** Stores usages and waits until they are counted. */
export async function recordAndCount(api: TestApi, placed: Placed, usages: readonly GivenUsage[]): Promise<void> {
  await recordUsage(api, placed, usages);
  await workerAtRest(api);
}

/** So many instants, six minutes apart: no two fall to one window of the keyless rule. */
export const everySixMinutes = (from: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => new Date(Date.parse(from) + index * 360_000).toISOString());

/** A lock of a running trial at a unit, whose rule counts its openings. */
export async function lockInTrial(api: TestApi) {
  const root = await build.municipality(api);
  const unit = await build.node(api, root);
  const trial = await build.trial(api, unit);
  const line = await benefitLine(api, trial);
  const rule = await measurementRule(api, { line, trial });
  const device = await build.device(api, unit);
  const placement = await build.placement(api, { device, node: unit }, { trial });
  return { root, unit, trial, line, rule, device, placement };
}

/** The qualifying units that are stored of a rule. */
export const unitsByDay = (api: TestApi, ruleKey: number): Promise<unknown[]> =>
  api.db.query('select day::text as day, qualifying from qualifying_day where rule_key = $1 order by 1', [ruleKey]);
