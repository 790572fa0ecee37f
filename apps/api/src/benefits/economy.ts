import type { EconomyView, RateView, TrialBenefitView } from '#contracts';
import type { BenefitLineEntity, CostLineEntity, TrialEntity } from '#database';
import { type Appraisal, appraise, type Payback } from '#domain';

/**
 * The calculation by the plan over the trial's horizon, twice and never merged (rule B1). Lines that share their effect
 * with another are left out: an effect is summed once (rule B11).
 */
export function plannedEconomy(
  trial: TrialEntity,
  costs: readonly CostLineEntity[],
  lines: readonly BenefitLineEntity[],
): TrialBenefitView['planned'] {
  const { financialOnly, includingRedistribution } = appraise(
    {
      investmentOn: trial.investmentOn,
      horizonYears: trial.horizonYears,
      costLines: costs,
      benefitLines: lines
        .filter(({ sharesEffectWith }) => sharesEffectWith === null)
        .map(({ category, plannedMonthOre, startsOn, endsOn }) => ({
          category,
          monthlyOre: plannedMonthOre,
          startsOn,
          endsOn,
        })),
    },
    trial.discountRate,
  );
  return { financialOnly: economyView(financialOnly), includingRedistribution: economyView(includingRedistribution) };
}

const economyView = (appraisal: Appraisal): EconomyView => ({
  npvOre: appraisal.npvOre,
  paybackYears: paybackView(appraisal.payback),
  discountedPaybackYears: paybackView(appraisal.discountedPayback),
  bcr: appraisal.bcr,
  roi: appraisal.roi,
});

const paybackView = (payback: Payback): RateView =>
  payback.kind === 'paid_back' ? { kind: 'value', value: payback.years } : { kind: 'not_paid_back' };
