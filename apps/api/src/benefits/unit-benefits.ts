import type { LiveBenefitView } from '#contracts';
import { CATEGORIES, type Day, multiplyOre, sumOre, valueUnits } from '#domain';
import type { EntityManager } from 'typeorm';
import { planToDate } from './plan-to-date.js';
import { type UnitLine, unitLines } from './unit-benefits.queries.js';

/**
 * The part of some trials that a unit with its places stands for, per category: potential measured and benefit confirmed
 * here, against the plan's share for the trial's series (rule U10) that are or were placed here: 3 of 10 series carry
 * 30 % of the plan. The plan itself knows no units; the whole trial stands on its own page.
 */
export async function readUnitBenefits(
  tx: EntityManager,
  trialIds: readonly string[],
  { unitId, today }: { unitId: string; today: Day },
): Promise<LiveBenefitView[]> {
  if (trialIds.length === 0) return [];
  const lines = await unitLines(tx, { trialIds, unitId, today });
  return [...Map.groupBy(lines, ({ trialId }) => trialId).values()].flatMap((ofTrial) =>
    CATEGORIES.flatMap((category) => {
      const summed = ofTrial.filter((line) => line.category === category);
      return summed.length === 0 ? [] : [categoryRow(summed, today)];
    }),
  );
}

/** Lines of one trial and category, each rounded once (rule B6). */
function categoryRow(lines: readonly UnitLine[], today: Day): LiveBenefitView {
  const { trialId, code, title, stage, category, seriesHere, seriesInAll } = lines[0]!;
  const share = seriesInAll === 0 ? 0 : seriesHere / seriesInAll;
  const computed = lines.flatMap(({ computedAt }) => computedAt?.getTime() ?? []);
  return {
    trialId,
    code,
    title,
    stage,
    category,
    plannedOre: sumOre(lines.map((line) => multiplyOre(planToDate(line, today), share))),
    potentialOre: sumOre(lines.map((line) => (line.rule ? valueUnits(line.rule, line).potentialOre : 0))),
    realisedOre: sumOre(lines.map(({ realisedOre }) => realisedOre)),
    computedAt: computed.length > 0 ? new Date(Math.max(...computed)).toISOString() : null,
  };
}
