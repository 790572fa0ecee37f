import { hourStart } from './calendar.js';
import { exact, subtract, sum, toNumber, ZERO, type Exact } from './exact.js';

/** What a person decides of a reading: the counter began anew, the reading is wrong, or another device's counter began. */
export const COUNTER_DECISIONS = ['reset', 'glitch', 'replaced'] as const;

export type CounterDecision = (typeof COUNTER_DECISIONS)[number];

/** Why a reading is shown to a person: the first is counted, of the others nothing is counted that could be wrong. */
export const COUNTER_FLAGS = ['reset', 'glitch', 'unconfirmed', 'unsplit'] as const;

export type CounterFlag = (typeof COUNTER_FLAGS)[number];

/** One stored reading of an ever-growing counter. */
export interface CounterReading {
  readonly id: string;
  /** Event time in milliseconds. */
  readonly at: number;
  readonly value: number;
  /** The placement at event time (rule U8), null = unplaced. */
  readonly placement: number | null;
  /** The placement that ends at this very instant: the reading closes it (rule U10). */
  readonly closes?: number | null;
  readonly decided?: CounterDecision | null;
}

/** The last reading that was accepted before those at hand. */
export interface CounterBaseline {
  readonly value: number;
  readonly placement: number | null;
}

/** What one reading adds. */
export interface CounterStep {
  readonly reading: CounterReading;
  /** Never negative; nought for a reading that is not accepted. */
  readonly delta: Exact;
  /** Whose use the delta is; null = nobody's. */
  readonly placement: number | null;
  readonly flag: CounterFlag | null;
  /** Whether the next reading is compared with this one. */
  readonly accepted: boolean;
  /** What it was compared with; null for the first. */
  readonly previous: number | null;
}

/**
 * The differences of one counter's readings (rule U11). A reading below the one before it is a reset only when the next
 * one confirms it, by staying below the old value and not falling further: then all that it shows was counted since. One
 * that recovers is a glitch, and one that nothing follows yet is unconfirmed: flagged, not counted. What was counted
 * between readings of two placements is nobody's, unless a reading at the very instant of the change splits it. A
 * person's decision stands above all of this. The order of the readings given does not matter.
 */
export function countSteps(readings: readonly CounterReading[], start: CounterBaseline | null = null): CounterStep[] {
  const ordered = [...readings].sort(
    (one, other) => one.at - other.at || one.value - other.value || (one.id < other.id ? -1 : 1),
  );
  const known = ordered.filter(({ decided }) => decided !== 'glitch');
  const followers = new Map(known.map((reading, index) => [reading, known[index + 1]]));
  let baseline = start;
  return ordered.map((reading) => {
    const step = stepOf(reading, baseline, followers.get(reading));
    if (step.accepted) baseline = reading;
    return step;
  });
}

function stepOf(
  reading: CounterReading,
  baseline: CounterBaseline | null,
  next: CounterReading | undefined,
): CounterStep {
  const previous = baseline?.value ?? null;
  const refused = { reading, delta: ZERO, placement: reading.placement, accepted: false, previous };
  if (reading.decided === 'glitch') return { ...refused, flag: 'glitch' };
  if (baseline === null || reading.decided === 'replaced') return { ...refused, accepted: true, flag: null };
  if (reading.decided === 'reset') return { ...split(reading, baseline, exact(reading.value)), flag: 'reset' };
  if (reading.value >= baseline.value) {
    return split(reading, baseline, subtract(exact(reading.value), exact(baseline.value)));
  }
  const kind = dropKind(reading, baseline, next);
  if (kind !== 'reset') return { ...refused, flag: kind };
  const step = split(reading, baseline, exact(reading.value));
  return { ...step, flag: step.flag ?? 'reset' };
}

function dropKind(
  { value }: CounterReading,
  baseline: CounterBaseline,
  next: CounterReading | undefined,
): 'reset' | 'glitch' | 'unconfirmed' {
  if (next === undefined || next.decided === 'reset' || next.decided === 'replaced') return 'unconfirmed';
  if (next.value >= baseline.value) return 'glitch';
  return next.value >= value ? 'reset' : 'unconfirmed';
}

function split(reading: CounterReading, baseline: CounterBaseline, delta: Exact): CounterStep {
  const step = { reading, delta, accepted: true, previous: baseline.value };
  const isOwn = reading.placement === baseline.placement || (reading.closes ?? null) === baseline.placement;
  if (isOwn) return { ...step, placement: baseline.placement, flag: null };
  const isNothing = delta.numerator === 0n;
  return { ...step, placement: null, flag: isNothing ? null : 'unsplit' };
}

/** A counter's use in one UTC hour at one placement (null: nobody's), and what is to be looked at. */
export interface CounterHour {
  readonly hour: number;
  readonly placement: number | null;
  /** Exact to 12 decimals. */
  readonly delta: number;
  readonly resets: number;
  readonly glitches: number;
  readonly unconfirmed: number;
  readonly unsplit: number;
  /** The hour's last accepted reading of that placement. */
  readonly last: { readonly at: number; readonly value: number } | null;
}

/** Sums steps by hour and placement; a delta belongs to the hour of the later reading (rule U11). */
export function sumByHour(steps: readonly CounterStep[]): CounterHour[] {
  const groups = Map.groupBy(steps, ({ reading, placement }) => `${hourStart(reading.at)} ${placement}`);
  return [...groups.values()].map((group) => {
    const first = group[0] as CounterStep;
    const flagged = (flag: CounterFlag): number => group.filter((step) => step.flag === flag).length;
    const last = group.findLast(({ accepted }) => accepted)?.reading;
    return {
      hour: hourStart(first.reading.at),
      placement: first.placement,
      delta: toNumber(sum(group.map(({ delta }) => delta))),
      resets: flagged('reset'),
      glitches: flagged('glitch'),
      unconfirmed: flagged('unconfirmed'),
      unsplit: flagged('unsplit'),
      last: last ? { at: last.at, value: last.value } : null,
    };
  });
}

/**
 * Whether a reading is accepted whatever came before its predecessor: it does not lie below it, or a person said so. A
 * dip is followed by a recovery (accepted) or by a reading that confirms it (accepted as well).
 */
export function isSurelyAccepted(reading: CounterReading, predecessor: CounterReading | undefined): boolean {
  if (reading.decided === 'reset' || reading.decided === 'replaced') return true;
  return predecessor !== undefined && reading.decided !== 'glitch' && reading.value >= predecessor.value;
}
