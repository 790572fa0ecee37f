import { StateMessage, type DeviceState } from '#contracts';
import {
  deviceTimeMs,
  isRejection,
  parsePayload,
  reject,
  timeFault,
  type Rejection,
  type TimeWindow,
} from './message.js';

/** A device's word about itself, or its last will, at its own time or else that of receipt. */
export interface StateReport {
  readonly state: DeviceState;
  readonly atMs: number;
}

/** Decodes a message of the `state` channel. Pure; rejects, never throws. */
export function decodeState(payload: Buffer, window: TimeWindow): StateReport | Rejection {
  const parsed = parsePayload(payload);
  if (isRejection(parsed)) return parsed;
  const message = StateMessage.safeParse(parsed.json);
  if (!message.success) return reject('schema', describe(message.error));
  const { state, at } = message.data;
  const atMs = at === undefined ? window.receivedAtMs : deviceTimeMs(at);
  const fault = timeFault(atMs, window);
  return fault ? reject(fault.code, fault.reason) : { state, atMs };
}

/** The first thing that is wrong, with its path. */
export function describe(error: { issues: readonly { path: PropertyKey[]; message: string }[] }): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'the payload does not match its schema';
  return `${issue.path.map(String).join('.') || 'payload'}: ${issue.message}`.slice(0, 200);
}
