import type { CalculationView, LineBenefitView } from '#contracts';
import type { BenefitLineEntity, MeasurementRuleEntity } from '#database';
import { type Day, realisationRate, sumOre, valueUnits } from '#domain';
import type { BenefitFacts, Confirmation, CountedDay } from './benefits.queries.js';
import { planToDate } from './plan-to-date.js';

/** A line with what was counted and confirmed for it, to date. */
export interface LineFacts {
  line: BenefitLineEntity;
  rule: MeasurementRuleEntity | undefined;
  /** Ascending, within the line's own time. */
  days: CountedDay[];
  confirmations: Confirmation[];
}

/** To date = from the line's start to its end or the end of `through`: the same time for plan, potential and realised. */
export function factsByLine({ lines, rules, days, confirmations }: BenefitFacts, through: Day): LineFacts[] {
  const daysByRule = Map.groupBy(days, (day) => day.ruleKey);
  const confirmationsByLine = Map.groupBy(confirmations, (confirmation) => confirmation.lineId);
  return lines.map((line) => {
    const rule = rules.get(line.id);
    const counted = rule ? (daysByRule.get(rule.key) ?? []) : [];
    const isInTime = ({ day }: CountedDay): boolean =>
      day >= line.startsOn && (line.endsOn === null || day < line.endsOn) && day <= through;
    return { line, rule, days: counted.filter(isInTime), confirmations: confirmationsByLine.get(line.id) ?? [] };
  });
}

/** Everything counted on some days. */
export function totalOf(
  days: readonly CountedDay[],
): Pick<CountedDay, 'events' | 'qualifying' | 'failures' | 'manual'> {
  const total = { events: 0, qualifying: 0, failures: 0, manual: 0 };
  for (const day of days) {
    total.events += day.events;
    total.qualifying += day.qualifying;
    total.failures += day.failures;
    total.manual += day.manual;
  }
  return total;
}

/** The measured potential of a line, valued once over all its units (rule B6); null without a rule. */
export const potentialOf = ({ rule, days }: LineFacts): number | null =>
  rule ? valueUnits(rule, totalOf(days)).potentialOre : null;

/** What line managers have confirmed, each unit and month by its newest confirmation (rule B3). */
export const realisedOf = ({ confirmations }: LineFacts): number =>
  sumOre(confirmations.map(({ realisedOre }) => realisedOre));

/** The three streams of a line side by side, never added to each other (rule B2). */
export function lineView(facts: LineFacts, through: Day): LineBenefitView {
  const { line, rule, days, confirmations } = facts;
  const plannedOre = planToDate(line, through);
  const realisedOre = realisedOf(facts);
  const computedAt = days.reduce<Date | null>(
    (latest, day) => (latest && latest > day.computedAt ? latest : day.computedAt),
    null,
  );
  return {
    lineId: line.id,
    name: line.name,
    category: line.category,
    certainty: line.certainty,
    plannedOre,
    potentialOre: potentialOf(facts),
    realisedOre,
    realisationRate: realisationRate(realisedOre, plannedOre),
    calculation: rule ? calculationView(rule, days) : null,
    ruleVersion: rule?.version ?? null,
    evidence: rule?.evidence ?? null,
    source: rule?.source ?? null,
    metric: rule?.metric ?? null,
    computedAt: computedAt?.toISOString() ?? null,
    confirmations: confirmations.map(confirmationView),
  };
}

/** The steps as they are read aloud (rule B9). */
function calculationView(rule: MeasurementRuleEntity, days: readonly CountedDay[]): CalculationView {
  const total = totalOf(days);
  const { counted, qualifying, ...steps } = valueUnits(rule, total);
  return {
    events: total.events,
    qualifying,
    manual: total.manual,
    counterfactualShare: rule.counterfactualShare,
    countedUnits: counted,
    minutesPerUnit: rule.minutesPerUnit,
    failures: total.failures,
    failureMinutes: rule.failureMinutes,
    hourlyCostOre: rule.hourlyCostOre,
    ...steps,
  };
}

const confirmationView = (confirmation: Confirmation): LineBenefitView['confirmations'][number] => ({
  id: confirmation.id,
  nodeId: confirmation.nodeId,
  nodeName: confirmation.nodeName,
  month: confirmation.month,
  confirmedOre: confirmation.confirmedOre,
  potentialOre: confirmation.potentialOre,
  realisedOre: confirmation.realisedOre,
  actionTaken: confirmation.actionTaken,
  confirmedByName: confirmation.confirmedByName,
  confirmedAt: confirmation.confirmedAt.toISOString(),
});
