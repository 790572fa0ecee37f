import { HealthMessage } from '#contracts';
import { describe } from './decode-state.js';
import {
  deviceTimeMs,
  isRejection,
  parsePayload,
  reject,
  timeFault,
  type Rejection,
  type TimeWindow,
} from './message.js';

/** A device's condition: battery in percent, signal in dBm. */
export interface HealthReport {
  readonly battery: number | null;
  readonly signalDbm: number | null;
  readonly firmware: string | null;
  readonly atMs: number;
}

/** Decodes a message of the `health` channel. Pure; rejects, never throws. */
export function decodeHealth(payload: Buffer, window: TimeWindow): HealthReport | Rejection {
  const parsed = parsePayload(payload);
  if (isRejection(parsed)) return parsed;
  const message = HealthMessage.safeParse(parsed.json);
  if (!message.success) return reject('schema', describe(message.error));
  const { battery = null, signal = null, firmware = null, at } = message.data;
  const atMs = at === undefined ? window.receivedAtMs : deviceTimeMs(at);
  const fault = timeFault(atMs, window);
  return fault ? reject(fault.code, fault.reason) : { battery, signalDbm: signal, firmware, atMs };
}
