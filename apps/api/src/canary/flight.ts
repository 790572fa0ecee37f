import type { CanaryState } from '#contracts';

/** How one usage of the canary fared, in milliseconds from publishing to the acknowledgement and to its row. */
export type Probe = { readonly at: Date; readonly ackMs: number; readonly rowMs: number } | 'missed';

/** What is known of a canary after its probes so far. */
export interface Flight {
  readonly state: Exclude<CanaryState, 'off'>;
  /** When a usage last came through, and how long it took. */
  readonly lastOkAt: Date | null;
  readonly ackMs: number | null;
  readonly rowMs: number | null;
  /** In succession. */
  readonly misses: number;
}

/** A row that took longer has come late: people see their figures move within a second or two. Assumption. */
const LATE_MS = 5_000;
/** One miss may be a restart of ingest. */
const MISSES_TO_SILENCE = 2;

/** Before the first probe. */
export const TAKING_OFF: Flight = { state: 'late', lastOkAt: null, ackMs: null, rowMs: null, misses: 0 };

/** The flight after one more probe: late after one miss or a slow row, silent after two misses, ok by one usage in time. */
export function flyOn(before: Flight, probe: Probe): Flight {
  if (probe === 'missed') {
    const misses = before.misses + 1;
    return { ...before, misses, state: misses < MISSES_TO_SILENCE ? 'late' : 'silent' };
  }
  const { at, ackMs, rowMs } = probe;
  return { state: rowMs > LATE_MS ? 'late' : 'ok', lastOkAt: at, ackMs, rowMs, misses: 0 };
}
