import type { BenefitDayView } from '#contracts';
import { addDays, CATEGORIES, type Day, listDays, sumOre, valueUnits } from '#domain';
import type { LineFacts } from './line-benefit.js';
import { planByDay } from './plan-to-date.js';

interface Cumulative {
  plannedOre: number;
  potentialOre: number;
  /** Of the day alone. */
  qualifying: number;
}

/**
 * Plan and measured potential accumulated to the end of each local day, per category (rule B1), from the first line's
 * start to the end of `through`; `qualifying` is the day's own. Lines that share their effect with another are left out:
 * an effect is summed once (rule B11). The last day equals the sum of the lines.
 */
export function benefitDays(lines: readonly LineFacts[], through: Day): BenefitDayView[] {
  return CATEGORIES.flatMap((category) => {
    const summed = lines.filter(({ line }) => line.category === category && line.sharesEffectWith === null);
    const first = summed.map(({ line }) => line.startsOn).sort()[0];
    if (first === undefined || first > through) return [];
    const walks = summed.map((facts) => walk(facts, through));
    return listDays(first, addDays(through, 1)).map((day) => ({
      day,
      category,
      ...sumOf(walks.map((step) => step(day))),
    }));
  });
}

/** Steps through one line's days in order. */
function walk({ line, rule, days }: LineFacts, through: Day): (day: Day) => Cumulative {
  const plan = planByDay(line, through);
  const counted = new Map(days.map((day) => [day.day, day]));
  const total = { qualifying: 0, failures: 0 };
  let sofar: Cumulative = { plannedOre: 0, potentialOre: 0, qualifying: 0 };
  return (day) => {
    const today = counted.get(day);
    total.qualifying += today?.qualifying ?? 0;
    total.failures += today?.failures ?? 0;
    const potentialOre = today && rule ? valueUnits(rule, total).potentialOre : sofar.potentialOre;
    sofar = { plannedOre: plan.get(day) ?? sofar.plannedOre, potentialOre, qualifying: today?.qualifying ?? 0 };
    return sofar;
  };
}

const sumOf = (lines: readonly Cumulative[]): Cumulative => ({
  plannedOre: sumOre(lines.map(({ plannedOre }) => plannedOre)),
  potentialOre: sumOre(lines.map(({ potentialOre }) => potentialOre)),
  qualifying: lines.reduce((total, { qualifying }) => total + qualifying, 0),
});
