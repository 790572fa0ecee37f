import type { UpwardChannel } from '#contracts';
import { FAMILIES, maySpeak } from '#domain';
import {
  decodeHealth,
  decodeState,
  isRejection,
  parsePayload,
  reject,
  type Rejection,
  type TimeWindow,
} from '#telemetry';
import { judgeUsages } from '../judge-usages.js';
import type { SpeakingDevice } from './speaker.queries.js';

/** A body taken apart: whose it is, and its part in the wire format of MQTT. */
export interface ReadMessage {
  /** The device that the body names. */
  device: string | undefined;
  payload: Buffer;
  /** How many elements it has. */
  usages: number;
}

/**
 * Takes the wrapping off a body: `{device, usages}` for usages, `device` beside the rest for state and health. What is
 * no JSON stays as it came, to be refused with its reason.
 */
export function readMessage(channel: UpwardChannel, body: Buffer): ReadMessage {
  const parsed = parsePayload(body);
  const json = isRejection(parsed) ? null : parsed.json;
  const device = isObject(json) && typeof json['device'] === 'string' ? json['device'] : undefined;
  if (channel !== 'usage' || !isObject(json) || !('usages' in json)) {
    return { device, payload: body, usages: Array.isArray(json) ? json.length : 1 };
  }
  const { usages } = json;
  return { device, payload: Buffer.from(JSON.stringify(usages)), usages: Array.isArray(usages) ? usages.length : 1 };
}

function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** A message as it will be stored, and the clock it is judged by. */
export interface Judged {
  channel: UpwardChannel;
  topic: string;
  payload: Buffer;
  device: SpeakingDevice;
  window: TimeWindow;
}

/** What ingest will say of it, as far as the message shows by itself. Pure. */
export function judgeMessage(message: Judged): { accepted: number; rejections: Rejection[] } {
  const { channel, payload, device, window } = message;
  if (!maySpeak(device.lifecycle)) {
    return { accepted: 0, rejections: [reject('device_retired', 'the device is retired: register it anew')] };
  }
  if (channel === 'usage') return judgeUsages({ ...message, family: FAMILIES[device.family] });
  const report = channel === 'state' ? decodeState(payload, window) : decodeHealth(payload, window);
  return isRejection(report) ? { accepted: 0, rejections: [report] } : { accepted: 1, rejections: [] };
}
