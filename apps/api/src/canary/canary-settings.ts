import { readFileSync } from 'node:fs';
import type { CanaryOffReason } from '#contracts';

/** How the canary flies, or why it does not. */
export type CanarySettings =
  | {
      readonly isOn: true;
      readonly url: string;
      readonly ca: string | undefined;
      /** At one's own broker; null: the built-in one, with a secret made at each start. */
      readonly login: { readonly username: string; readonly password: string } | null;
      readonly everyMs: number;
      readonly missMs: number;
    }
  | { readonly isOn: false; readonly reason: CanaryOffReason };

/** The settings that concern it, as they were given. */
export interface CanaryGiven {
  readonly CANARY: 'on' | 'off';
  readonly CANARY_SECONDS: number;
  readonly CANARY_USERNAME?: string | undefined;
  readonly CANARY_PASSWORD?: string | undefined;
  readonly MQTT_PORT?: number | undefined;
  readonly MQTT_URL?: string | undefined;
  readonly MQTT_CA?: string | undefined;
  readonly BIND: string;
}

/** A usage is missed in time for the next round. */
const MISSED_SHARE = 2 / 3;
const SHORTEST_MISS_MS = 2_000;

/** Where the canary flies: the built-in broker of this machine, or one's own with the log-in that it gave the canary. */
export function canarySettings(given: CanaryGiven): CanarySettings {
  if (given.CANARY === 'off') return { isOn: false, reason: 'switched_off' };
  const everyMs = given.CANARY_SECONDS * 1000;
  const pace = { everyMs, missMs: Math.max(SHORTEST_MISS_MS, everyMs * MISSED_SHARE) };
  if (given.MQTT_URL === undefined) {
    if (given.MQTT_PORT === undefined) return { isOn: false, reason: 'no_broker' };
    return { isOn: true, url: `mqtt://${hostOf(given.BIND)}:${given.MQTT_PORT}`, ca: undefined, login: null, ...pace };
  }
  const { CANARY_USERNAME: username, CANARY_PASSWORD: password, MQTT_CA } = given;
  if (username === undefined || password === undefined) return { isOn: false, reason: 'no_login' };
  const { protocol, host } = new URL(given.MQTT_URL); // the log-in in it is the workers'
  const ca = MQTT_CA === undefined ? undefined : readFileSync(MQTT_CA, 'utf8');
  return { isOn: true, url: `${protocol}//${host}`, ca, login: { username, password }, ...pace };
}

/** The address at which a listener is reached from the machine itself. */
function hostOf(bind: string): string {
  if (['0.0.0.0', '::', 'localhost'].includes(bind)) return '127.0.0.1';
  return bind.includes(':') ? `[${bind}]` : bind;
}
