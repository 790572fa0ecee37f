import { isRejection, parsePayload, reject, type Rejection } from '../native/message.js';
import {
  type Adaptation,
  type Adapter,
  type DeviceReadings,
  externalName,
  foreignTopic,
  isObject,
  type JsonObject,
  parseObject,
  readFields,
  type Reading,
  sourceTimeMs,
} from './reading.js';

const OWN = ['v1/devices/me/telemetry', 'v1/devices/me/attributes'];
const OF_CHILDREN = ['v1/gateway/telemetry', 'v1/gateway/attributes'];
const CONNECT = 'v1/gateway/connect';
const DISCONNECT = 'v1/gateway/disconnect';

/**
 * ThingsBoard's device and gateway API over MQTT. Telemetry comes as an object, as an object with a time
 * (`{ts, values}`), or as a list of either; a gateway names its devices as the keys of an object.
 */
export const THINGSBOARD: Adapter = {
  filters: () => [...OWN, ...OF_CHILDREN, CONNECT, DISCONNECT],
  adapt: (topic, payload) => {
    if (OWN.includes(topic)) return adaptOwn(payload);
    if (OF_CHILDREN.includes(topic)) return adaptChildren(payload);
    if (topic === CONNECT || topic === DISCONNECT) return adaptConnection(payload, topic === CONNECT);
    return foreignTopic();
  },
};

function adaptOwn(payload: Buffer): Adaptation {
  const parsed = parsePayload(payload);
  if (isRejection(parsed)) return parsed;
  const readings = readTelemetry(parsed.json);
  return isRejection(readings) ? readings : [{ device: null, readings, atMs: null }];
}

function adaptChildren(payload: Buffer): Adaptation {
  const parsed = parseObject(payload);
  if (isRejection(parsed)) return parsed;
  const devices: DeviceReadings[] = [];
  for (const [key, telemetry] of Object.entries(parsed.object)) {
    const named = externalName(key);
    if (isRejection(named)) return named;
    const readings = readTelemetry(telemetry);
    if (isRejection(readings)) return readings;
    devices.push({ device: named.name, readings, atMs: null });
  }
  return devices;
}

function adaptConnection(payload: Buffer, isConnected: boolean): Adaptation {
  const parsed = parseObject(payload);
  if (isRejection(parsed)) return parsed;
  const named = externalName(parsed.object['device']);
  if (isRejection(named)) return named;
  return [{ device: named.name, readings: [], atMs: null, state: isConnected ? 'online' : 'offline' }];
}

function readTelemetry(json: unknown): Reading[] | Rejection {
  if (Array.isArray(json)) {
    const parts = json.map(readEntry);
    return parts.find((part) => isRejection(part)) ?? (parts as Reading[][]).flat();
  }
  return readEntry(json);
}

function readEntry(json: unknown): Reading[] | Rejection {
  if (!isObject(json)) return reject('schema', 'telemetry is an object, or a list of objects');
  if (!isTimed(json)) return readFields(json, { atMs: null, id: null });
  const atMs = json['ts'] === undefined ? null : sourceTimeMs(json['ts']);
  if (atMs === null && json['ts'] !== undefined) return reject('schema', 'ts: Unix milliseconds');
  return readFields(json['values'], { atMs, id: null });
}

/** `{ts, values}`, of which newer versions let a gateway leave `ts` out. */
function isTimed(json: JsonObject): json is { ts?: unknown; values: JsonObject } {
  return isObject(json['values']) && Object.keys(json).every((key) => key === 'ts' || key === 'values');
}
