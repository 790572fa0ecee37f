import { CANARY_STATES, type CanaryState, type CanaryView } from '#contracts';
import { z } from 'zod';
import type { Flight } from './flight.js';
import type { Bird } from './keep-device.js';

/** The name under which the canaries' state is kept among the heartbeats. */
export const CANARY_SERVICE = 'canary';

const Status = z.object({
  /** The worst of all. */
  state: z.enum(CANARY_STATES),
  everyMs: z.number(),
  canaries: z.array(
    z.object({
      rootId: z.string(),
      deviceId: z.string(),
      state: z.enum(CANARY_STATES),
      lastOkAt: z.iso.datetime().nullable(),
      ackMs: z.number().nullable(),
      rowMs: z.number().nullable(),
      misses: z.number(),
    }),
  ),
});

/** What the process that keeps the canaries writes at every round, for all others to read. */
export type CanaryStatus = z.output<typeof Status>;

const WORST_FIRST: readonly CanaryState[] = ['silent', 'late', 'ok'];

/** The status of all canaries after a round. */
export function statusOf(flights: readonly { bird: Bird; flight: Flight }[], everyMs: number): CanaryStatus {
  const canaries = flights.map(({ bird: { rootId, deviceId }, flight }) => ({
    rootId,
    deviceId,
    ...flight,
    lastOkAt: flight.lastOkAt?.toISOString() ?? null,
  }));
  const state = WORST_FIRST.find((one) => canaries.some((canary) => canary.state === one)) ?? 'off';
  return { state, everyMs, canaries };
}

/** A status as it was stored; null when there is none, or another version of the product wrote it. */
export const readStatus = (stored: unknown): CanaryStatus | null => Status.safeParse(stored).data ?? null;

/** So many rounds without a word from the process that keeps the canaries, and nothing is known of them. */
export const ROUNDS_MISSED = 3;
export const SHORTEST_PATIENCE_MS = 15_000;

/** Whether a status of that age still tells how the canaries are. */
export const isCurrent = ({ everyMs }: CanaryStatus, ageMs: number): boolean =>
  ageMs <= Math.max(everyMs * ROUNDS_MISSED, SHORTEST_PATIENCE_MS);

const GROUNDED: CanaryView = {
  state: 'off',
  reason: 'no_municipality',
  deviceId: null,
  lastOkAt: null,
  ackMs: null,
  rowMs: null,
  misses: 0,
  seenAt: null,
};

/** The canary as it is shown to people of a municipality; where that has none, the worst of the others' states. */
export function canaryView(
  rootId: string,
  known: { status: CanaryStatus; ageMs: number; at: Date } | null,
  offReason: CanaryView['reason'],
): CanaryView {
  if (known === null) return { ...GROUNDED, reason: offReason, state: offReason === null ? 'silent' : 'off' };
  const { status, ageMs, at } = known;
  const seenAt = at.toISOString();
  const own = status.canaries.find((canary) => canary.rootId === rootId);
  const shown = own ?? { ...GROUNDED, state: status.state };
  const state = isCurrent(status, ageMs) ? shown.state : offReason === null ? 'silent' : 'off';
  const { deviceId, lastOkAt, ackMs, rowMs, misses } = shown;
  const reason = state === 'off' ? (offReason ?? 'no_municipality') : null;
  return { state, reason, deviceId, lastOkAt, ackMs, rowMs, misses, seenAt };
}
