import { USAGE_FLAGS, type RejectCode } from '#contracts';
import { isValueInRange, type Family, type Metric } from '#domain';
import { timeFault, type TimeWindow } from './message.js';
import type { MessageKey } from './message-key.js';

/** A usage as decoded; its time is settled by {@link timeUsage}. */
export interface UsageDraft {
  readonly family: Family;
  readonly metric: Metric;
  readonly key: MessageKey;
  /** The device's own time; null = the time of receipt, or the ledger's when `inLedger` (rule U1). */
  readonly ownAtMs: number | null;
  readonly untilMs: number | null;
  readonly value: number | null;
  /** The declared attributes as JSON with sorted names; null = none. */
  readonly attributes: string | null;
  /** Key of the roll-up row, as `dimensionsKey` makes it. */
  readonly dimensions: string;
  readonly flags: number;
  /** Index in the message's array, null when it was none. */
  readonly element: number | null;
  /** An id without a time: the ledger says at which time it was stored first. */
  readonly inLedger: boolean;
}

/** A usage with its time: ready to be stored. `value` is null while a session is open (rule U3). */
export interface TimedUsage {
  readonly atMs: number;
  readonly untilMs: number | null;
  readonly value: number | null;
  readonly flags: number;
}

type Fault = { readonly code: RejectCode; readonly reason: string };

/** A device may round a duration to whole seconds. */
const ROUNDING_SECONDS = 1;

/**
 * Settles times and value at an event time: `time_in_future`, `time_too_old` (rule U5), `session_times` (rule U3),
 * `value_out_of_range`. An event without a value counts as 1; a session's value is its duration in seconds.
 */
export function timeUsage(draft: UsageDraft, atMs: number, window: TimeWindow): TimedUsage | Fault {
  const fault = timeFault(atMs, window);
  if (fault) return fault;
  return draft.metric.kind === 'session' ? timeSession(draft, atMs, window) : timeEvent(draft, atMs);
}

function timeEvent({ metric, untilMs, value, flags }: UsageDraft, atMs: number): TimedUsage | Fault {
  if (untilMs !== null) return { code: 'session_times', reason: `${metric.name} has no end: leave until out` };
  const settled = value ?? (metric.kind === 'event' ? 1 : null);
  if (settled !== null && isValueInRange(metric, settled)) return { atMs, untilMs, value: settled, flags };
  return { code: 'value_out_of_range', reason: `${metric.name} cannot be ${settled ?? 'without a value'}` };
}

function timeSession(draft: UsageDraft, atMs: number, window: TimeWindow): TimedUsage | Fault {
  const { metric, family, flags } = draft;
  const untilMs = draft.untilMs ?? (draft.value === null ? null : atMs + Math.round(draft.value * 1000));
  if (untilMs === null) return { atMs, untilMs, value: null, flags: flags | USAGE_FLAGS.open };
  if (untilMs < atMs) return { code: 'session_times', reason: `${metric.name} ends before it starts` };
  const seconds = (untilMs - atMs) / 1000;
  if (draft.value !== null && Math.abs(draft.value - seconds) > ROUNDING_SECONDS) {
    return { code: 'session_times', reason: `value is ${draft.value} s, until − at is ${seconds} s` };
  }
  if (seconds > family.maxSessionSeconds) {
    return { code: 'value_out_of_range', reason: `${metric.name} lasts at most ${family.maxSessionSeconds} s` };
  }
  return timeFault(untilMs, window) ?? { atMs, untilMs, value: seconds, flags };
}
