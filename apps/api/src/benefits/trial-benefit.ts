import type { LiveBenefitView, TrialBenefitView } from '#contracts';
import type { TrialEntity } from '#database';
import { CATEGORIES, localDay, multiplyOre, runningIntervals, sumOre } from '#domain';
import type { EntityManager } from 'typeorm';
import { benefitDays } from './benefit-days.js';
import { benefitFacts, costLines, seriesCounts, trialLife, trialSetting } from './benefits.queries.js';
import { trialCoverage } from './coverage.js';
import { plannedEconomy } from './economy.js';
import { factsByLine, type LineFacts, lineView, potentialOf, realisedOf } from './line-benefit.js';
import { planToDate } from './plan-to-date.js';

/** A trial's planned, measured and realised benefit at `now`, from stored qualifying units. Access is the caller's to check. */
export async function readTrialBenefit(tx: EntityManager, trial: TrialEntity, now: Date): Promise<TrialBenefitView> {
  const [facts, costs, coverage, setting] = await Promise.all([
    benefitFacts(tx, { trialIds: [trial.id], unitId: null }),
    costLines(tx, trial.id),
    trialLife(tx, trial.id).then((life) => trialCoverage(tx, trial.id, { stretches: runningIntervals(life), now })),
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
    simulated: setting.simulated && setting.demo,
  };
}

type UnitTrial = Pick<TrialEntity, 'id' | 'code' | 'title' | 'stage'>;

/**
 * The part of some trials that a unit with its places stands for, per category: potential measured and benefit confirmed
 * here, against the plan's share for the trial's series (rule U10) that are or were placed here: 3 of 10 series carry
 * 30 % of the plan. The plan itself knows no units; the whole trial stands on its own page.
 */
export async function readUnitBenefits(
  tx: EntityManager,
  trials: readonly UnitTrial[],
  { unitId, today }: { unitId: string; today: string },
): Promise<LiveBenefitView[]> {
  const part = { trialIds: trials.map(({ id }) => id), unitId };
  if (trials.length === 0) return [];
  const [facts, counts] = await Promise.all([benefitFacts(tx, part), seriesCounts(tx, part)]);
  const lines = factsByLine(facts, today);
  return trials.flatMap((trial) => {
    const { here, all } = counts.get(trial.id) ?? { here: 0, all: 0 };
    const own = lines.filter(({ line }) => line.trialId === trial.id && line.sharesEffectWith === null);
    return categoryRows(trial, own, { today, share: all === 0 ? 0 : here / all });
  });
}

function categoryRows(
  trial: UnitTrial,
  lines: readonly LineFacts[],
  plan: { today: string; share: number },
): LiveBenefitView[] {
  return CATEGORIES.flatMap((category) => {
    const summed = lines.filter(({ line }) => line.category === category);
    if (summed.length === 0) return [];
    const computed = summed.flatMap(({ days }) => days.map(({ computedAt }) => computedAt.getTime()));
    return [
      {
        trialId: trial.id,
        code: trial.code,
        title: trial.title,
        stage: trial.stage,
        category,
        plannedOre: sumOre(summed.map(({ line }) => multiplyOre(planToDate(line, plan.today), plan.share))),
        potentialOre: sumOre(summed.map((facts) => potentialOf(facts) ?? 0)),
        realisedOre: sumOre(summed.map(realisedOf)),
        computedAt: computed.length > 0 ? new Date(Math.max(...computed)).toISOString() : null,
      },
    ];
  });
}
