// Released formulas, version 1: never edited (structural rule 14). A change is a new version beside this one.
import { add, divide, exact, multiply, subtract, toNumber, type Exact } from '../../exact.js';
import { assertOre, roundToOre, type Ore } from '../../money.js';
import type { MeasurementRule } from '../measurement-rule.js';

/** What was counted by a rule: whole numbers from 0. */
export interface CountedUse {
  readonly qualifying: number;
  readonly failures: number;
}

/** The steps from counted use to potential benefit, as the rule preview reads them (rule B9). Hours are shown, not rounded. */
export interface ValuedUse {
  readonly qualifying: number;
  /** `qualifying × counterfactualShare`. */
  readonly counted: number;
  readonly grossHours: number;
  readonly addedWorkHours: number;
  readonly failureHours: number;
  readonly netHours: number;
  /** May be negative (rule B3). */
  readonly potentialOre: Ore;
}

/** The numbers of a rule that value its units. */
export type ValuingTerms = Pick<
  MeasurementRule,
  'counterfactualShare' | 'minutesPerUnit' | 'addedWorkMinutesPerUnit' | 'failureMinutes' | 'hourlyCostOre'
>;

/**
 * Values counted use (domain.md §5): gross = qualifying × share × minutes; net = gross − added work − failures;
 * potential = net × hourly cost, exact, rounded once to öre. Added work is done at every qualifying use, failures are
 * not shared: neither is multiplied by the share (as in rule B7).
 */
export function valueUnits(rule: ValuingTerms, { qualifying, failures }: CountedUse): ValuedUse {
  const counted = multiply(exact(qualifying), exact(rule.counterfactualShare));
  const gross = hours(counted, rule.minutesPerUnit);
  const addedWork = hours(exact(qualifying), rule.addedWorkMinutesPerUnit);
  const failed = hours(exact(failures), rule.failureMinutes);
  const net = subtract(gross, add(addedWork, failed));
  return {
    qualifying,
    counted: toNumber(counted),
    grossHours: toNumber(gross),
    addedWorkHours: toNumber(addedWork),
    failureHours: toNumber(failed),
    netHours: toNumber(net),
    potentialOre: roundToOre(multiply(net, exact(rule.hourlyCostOre))),
  };
}

function hours(units: Exact, minutes: number): Exact {
  return divide(multiply(units, exact(minutes)), exact(60));
}

/** Öre per worked hour of a monthly wage in öre: wage / 142 × 1.54 (Inera: 142 worked hours a month, 54 % on-cost). */
export function hourlyCostOre(monthlyWageOre: Ore): Ore {
  const wage = exact(assertOre(monthlyWageOre, 'monthlyWageOre'));
  return roundToOre(multiply(divide(wage, exact(142)), exact(1.54)));
}

/** `clamp(confirmed, 0, max(potential, 0))`: nobody realises more than was measured, nor less than nothing (rule B3). */
export function realisedOre(confirmedOre: Ore, potentialOre: Ore): Ore {
  const ceiling = Math.max(assertOre(potentialOre, 'potentialOre'), 0);
  return Math.min(Math.max(assertOre(confirmedOre, 'confirmedOre'), 0), ceiling);
}

export type RealisationRate = { readonly kind: 'value'; readonly value: number } | { readonly kind: 'no_plan' };

/** `realised / planned` of the same period; nothing (or less) planned is *no plan* (rule B8). */
export function realisationRate(realised: Ore, planned: Ore): RealisationRate {
  if (planned <= 0) return { kind: 'no_plan' };
  return { kind: 'value', value: toNumber(divide(exact(realised), exact(planned))) };
}

/** What one use costs and gives; the failure cost is per use, in minutes. */
export interface BreakEvenTerms {
  readonly monthlyCostOre: Ore;
  readonly counterfactualShare: number;
  readonly minutesPerUnit: number;
  readonly hourlyCostOre: Ore;
  readonly addedWorkMinutesPerUnit?: number | undefined;
  /** Failures per qualifying use, 0 when unknown. */
  readonly failuresPerUse?: number | undefined;
  readonly failureMinutes?: number | undefined;
}

export type BreakEvenUse =
  { readonly kind: 'value'; readonly usesPerMonth: number } | { readonly kind: 'no_break_even' };

/** Uses a month at which the benefit equals the monthly cost; a use that gives nothing has no break-even (rule B7). */
export function breakEvenUse(terms: BreakEvenTerms): BreakEvenUse {
  const gain = multiply(exact(terms.counterfactualShare), exact(terms.minutesPerUnit));
  const failure = multiply(exact(terms.failuresPerUse ?? 0), exact(terms.failureMinutes ?? 0));
  const netMinutes = subtract(gain, add(exact(terms.addedWorkMinutesPerUnit ?? 0), failure));
  const orePerUse = multiply(divide(netMinutes, exact(60)), exact(terms.hourlyCostOre));
  if (orePerUse.numerator <= 0n) return { kind: 'no_break_even' };
  return { kind: 'value', usesPerMonth: toNumber(divide(exact(terms.monthlyCostOre), orePerUse)) };
}
