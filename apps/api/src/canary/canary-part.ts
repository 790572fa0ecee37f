import type { Heartbeat } from '../health/heartbeat.queries.js';
import type { PartState } from '../health/part-state.js';
import { CANARY_SERVICE, ROUNDS_MISSED, SHORTEST_PATIENCE_MS } from './canary-status.js';
import type { CanarySettings } from './canary-settings.js';

/**
 * The canary in the readiness. It is told, and never makes the product not ready: a load balancer would take away the
 * pages on which people see what is wrong. It alarms by its notification instead.
 */
export function canaryPart(given: readonly Heartbeat[], settings: CanarySettings): PartState {
  const beat = given.find(({ service }) => service === CANARY_SERVICE);
  const patienceMs = Math.max(ROUNDS_MISSED * (settings.isOn ? settings.everyMs : 0), SHORTEST_PATIENCE_MS);
  if (beat && beat.ageMs <= patienceMs)
    return beat.state === 'ok' ? { ok: true } : { ok: true, message: `is ${beat.state}` };
  if (!settings.isOn) return { ok: true, message: `is off: ${settings.reason}` };
  return { ok: true, message: beat ? `not heard of for ${Math.round(beat.ageMs / 1000)} s` : 'has not started' };
}
