// Released formulas, version 1: never edited (structural rule 14). A change is a new version beside this one.
import { RuleViolation } from '../../errors.js';
import { add, divide, exact, multiply, subtract, sum, toNumber } from '../../exact.js';
import { multiplyOre, type Ore } from '../../money.js';
import { DEFAULT_HAIRCUTS, type Certainty } from '../vocabulary.js';

/** A guess in three points, in one unit. */
export interface Estimate {
  readonly low: number;
  readonly likely: number;
  readonly high: number;
}

/** (L + 4M + H) / 6. Throws `estimate_order` unless low ≤ likely ≤ high. */
export function pert({ low, likely, high }: Estimate): number {
  if (!(low <= likely && likely <= high)) {
    throw new RuleViolation(
      'estimate_order',
      `${low}, ${likely}, ${high} do not rise: give low, likely, high in order.`,
    );
  }
  return toNumber(divide(sum([exact(low), multiply(exact(4), exact(likely)), exact(high)]), exact(6)));
}

/** The line's amount in the *cautious* figure, and in no other (rule B6). */
export function cautiousOre(
  amountOre: Ore,
  certainty: Certainty,
  haircuts: Readonly<Record<Certainty, number>> = DEFAULT_HAIRCUTS,
): Ore {
  return multiplyOre(amountOre, haircuts[certainty]);
}

/** An indicator before and after. */
export interface PrePost {
  readonly pre: number;
  readonly post: number;
}

/** post − pre; with a comparator, less the change there: (postT − preT) − (postC − preC). */
export function effectOf(trial: PrePost, comparator?: PrePost): number {
  const change = ({ pre, post }: PrePost) => subtract(exact(post), exact(pre));
  const other = comparator === undefined ? exact(0) : change(comparator);
  return toNumber(add(change(trial), multiply(exact(-1), other)));
}
