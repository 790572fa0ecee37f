import type { TrialBenefitView } from '#contracts';
import type { TrialEntity } from '#database';
import { localDay } from '#domain';
import type { EntityManager } from 'typeorm';
import { benefitDays } from './benefit-days.js';
import { benefitFacts, costLines, trialSetting } from './benefits.queries.js';
import { trialCoverage } from './coverage.js';
import { plannedEconomy } from './economy.js';
import { factsByLine, lineView } from './line-benefit.js';

/** A trial's planned, measured and realised benefit at `now`, from stored qualifying units. Access is the caller's to check. */
export async function readTrialBenefit(tx: EntityManager, trial: TrialEntity, now: Date): Promise<TrialBenefitView> {
  const [facts, costs, coverage, setting] = await Promise.all([
    benefitFacts(tx, trial.id),
    costLines(tx, trial.id),
    trialCoverage(tx, trial.id, now),
    trialSetting(tx, trial.id),
  ]);
  const today = localDay(now.getTime(), setting.zone);
  const lines = factsByLine(facts, today);
  return {
    trialId: trial.id,
    asOf: now.toISOString(),
    lines: lines.map((line) => lineView(line, today)),
    days: benefitDays(lines, today),
    planned: plannedEconomy(trial, costs, facts.lines),
    coverage,
    simulated: setting.simulated,
  };
}
