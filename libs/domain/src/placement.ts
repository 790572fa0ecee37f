import { RuleViolation } from './errors.js';
import { isOverlapping, type Interval } from './interval.js';

/** Why a device stands where it stands; test usage never reaches a benefit figure (rule U9). */
export const PURPOSES = ['test', 'baseline', 'trial', 'operation'] as const;

export type Purpose = (typeof PURPOSES)[number];

/** The group a placement belongs to in a trial with a comparison. */
export const ARMS = ['intervention', 'comparator'] as const;

export type Arm = (typeof ARMS)[number];

/** What is asked for when a device is placed. */
export interface PlacementPlan {
  readonly from: Date;
  readonly to?: Date | null | undefined;
  readonly purpose: Purpose;
  readonly arm?: Arm | null | undefined;
  readonly trialId?: string | null | undefined;
}

/** A checked custody interval `[from, to)`; the usage of the device in it belongs to it (rule U8). */
export interface PlacementTerms extends Interval {
  readonly purpose: Purpose;
  readonly arm: Arm | null;
  readonly trialId: string | null;
}

/**
 * Checks a placement: an end after its start (`placement_times`), a trial for trial and baseline
 * (`placement_needs_trial`), an arm and a trial only with those (`placement_arm_not_allowed`, `placement_takes_no_trial`).
 */
export function planPlacement(plan: PlacementPlan): PlacementTerms {
  const terms = {
    from: plan.from,
    to: plan.to ?? null,
    purpose: plan.purpose,
    arm: plan.arm ?? null,
    trialId: plan.trialId ?? null,
  };
  assertTimes(terms);
  assertTrial(terms);
  return terms;
}

function assertTimes({ from, to }: Interval): void {
  if (to === null || to.getTime() > from.getTime()) return;
  throw new RuleViolation('placement_times', 'The placement ends before it starts: give an end after the start.', {
    from,
    to,
  });
}

function assertTrial({ purpose, arm, trialId }: PlacementTerms): void {
  const isMeasured = purpose === 'trial' || purpose === 'baseline';
  if (isMeasured && trialId === null) {
    throw new RuleViolation('placement_needs_trial', `A ${purpose} placement needs a trial: choose the trial.`, {
      purpose,
    });
  }
  if (!isMeasured && arm !== null) {
    throw new RuleViolation(
      'placement_arm_not_allowed',
      `A ${purpose} placement has no arm: leave ${arm} out, or choose trial or baseline.`,
      { purpose, arm },
    );
  }
  if (!isMeasured && trialId !== null) {
    throw new RuleViolation(
      'placement_takes_no_trial',
      `A ${purpose} placement belongs to no trial: leave the trial out, or choose trial or baseline.`,
      { purpose },
    );
  }
}

/** Throws `placement_overlaps` when a device would stand in two places at once; `others` are its own placements. */
export function assertNoOverlap(placement: Interval, others: readonly Interval[]): void {
  const other = others.find((candidate) => isOverlapping(placement, candidate));
  if (other === undefined) return;
  throw new RuleViolation(
    'placement_overlaps',
    'The device already has a placement in that time: end the other one first.',
    { from: other.from, to: other.to },
  );
}

/**
 * Whether usage in a placement may count in benefit figures: never a test's; simulated only inside a root flagged
 * `demo` (rule U9).
 */
export function countsInBenefit(facts: { purpose: Purpose; simulated: boolean; demo: boolean }): boolean {
  return facts.purpose !== 'test' && (!facts.simulated || facts.demo);
}

/** What one swap does to custody: the old placement's end, the new one's terms. */
export interface Swap {
  readonly closedAt: Date;
  readonly opened: PlacementTerms;
}

/**
 * Swaps the device in a running placement at an instant: same purpose, arm and trial, no gap, so that the series goes
 * on (rule U10). Throws `swap_not_possible` when the placement has ended or starts later.
 */
export function planSwap(outgoing: PlacementTerms, at: Date): Swap {
  if (outgoing.to !== null || at.getTime() <= outgoing.from.getTime()) {
    throw new RuleViolation(
      'swap_not_possible',
      'Only a placement that is going on at that time can be swapped: choose a time after its start, or place anew.',
      { from: outgoing.from, to: outgoing.to, at },
    );
  }
  return { closedAt: at, opened: { ...outgoing, from: at, to: null } };
}

/** A placement and the one it took over from by a swap. */
export interface ChainedPlacement {
  readonly id: string;
  readonly replacesId: string | null;
}

/**
 * The series of each placement: the id of the first placement in its chain of swaps (rule U10). A predecessor that is
 * not in the list starts the series in its own name.
 */
export function seriesOf(placements: readonly ChainedPlacement[]): Map<string, string> {
  const replaces = new Map(placements.map((placement) => [placement.id, placement.replacesId]));
  return new Map(placements.map((placement) => [placement.id, firstOf(placement.id, replaces)]));
}

function firstOf(id: string, replaces: ReadonlyMap<string, string | null>): string {
  let first = id;
  for (let steps = replaces.size; steps > 0; steps -= 1) {
    const before = replaces.get(first) ?? null;
    if (before === null) break;
    first = before;
  }
  return first;
}
