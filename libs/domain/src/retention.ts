import type { StageChange } from './stage.js';

/** Rule K1: raw of a trial is held until so many months after its decision. */
export const HELD_AFTER_DECISION_MONTHS = 3;
/** Rule K1: raw is held so many months at the longest, and hours are kept as long. */
export const LONGEST_HELD_MONTHS = 24;

/** By which rule raw of a trial is held. */
export const HOLDING_RULES = ['undecided', 'decided_lately'] as const;

export type HoldingRule = (typeof HOLDING_RULES)[number];

/** What is done when the time of something stored is over: raw is closed, then dropped; held raw goes; hours are thinned. */
export const RETENTION_KINDS = ['raw_closed', 'raw_dropped', 'held_released', 'hours_thinned'] as const;

export type RetentionKind = (typeof RETENTION_KINDS)[number];

/**
 * By which rule raw of a trial is held at `now`, null when it is not (rule K1): as long as the trial has neither been
 * stopped nor closed, and three months after. That no row is older than 24 months is for the rows to hold.
 */
export function holdingRule(changes: readonly StageChange[], now: Date): HoldingRule | null {
  const decisions = changes.filter(({ stage }) => stage === 'closed' || stage === 'stopped');
  if (decisions.length === 0) return 'undecided';
  const decidedAt = Math.min(...decisions.map(({ at }) => at.getTime()));
  const until = monthsLater(new Date(decidedAt), HELD_AFTER_DECISION_MONTHS);
  return now.getTime() < until.getTime() ? 'decided_lately' : null;
}

/** So many calendar months later (UTC; earlier when negative), at the month's last day where it has no such day. */
export function monthsLater(at: Date, months: number): Date {
  const moved = new Date(at);
  moved.setUTCDate(1);
  moved.setUTCMonth(moved.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(moved.getUTCFullYear(), moved.getUTCMonth() + 1, 0)).getUTCDate();
  moved.setUTCDate(Math.min(at.getUTCDate(), lastDay));
  return moved;
}
