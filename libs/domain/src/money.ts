import { RuleViolation } from './errors.js';
import { exact, multiply, roundHalfUp, type Exact } from './exact.js';

/** Money: a safe integer of öre, in the fixed prices of a base year, without VAT (rule B6). May be negative. */
export type Ore = number;

/** Returns the amount, or throws `amount_not_whole_ore`; `where` names the field in the message. */
export function assertOre(amount: number, where: string): Ore {
  if (Number.isSafeInteger(amount)) return amount;
  throw new RuleViolation('amount_not_whole_ore', `${where} is ${amount}: give a whole number of öre.`, {
    field: where,
    value: amount,
  });
}

/** Half up, after exact arithmetic (rule B6). Throws `amount_too_large` beyond 90 071 billion kronor. */
export function roundToOre(amount: Exact): Ore {
  const rounded = Number(roundHalfUp(amount));
  if (Number.isSafeInteger(rounded)) return Object.is(rounded, -0) ? 0 : rounded;
  throw new RuleViolation('amount_too_large', 'The amount is larger than can be kept exactly: check the inputs.');
}

/** `amount × factor`, exact, rounded half up to öre: 5 öre × 0.5 = 3 öre. */
export function multiplyOre(amount: Ore, factor: number): Ore {
  return roundToOre(multiply(exact(assertOre(amount, 'amount')), exact(factor)));
}

/** The total of rounded lines (rule B6). Throws `amount_too_large`. */
export function sumOre(amounts: readonly Ore[]): Ore {
  return roundToOre(exact(amounts.reduce((total, amount) => total + BigInt(assertOre(amount, 'amount')), 0n)));
}
