import { isRejection, reject } from '../native/message.js';
import {
  type Adaptation,
  type Adapter,
  availabilityOf,
  below,
  externalName,
  foreignTopic,
  parseObject,
  parseText,
  percentOf,
  readFields,
  sourceTimeMs,
} from './reading.js';

const AVAILABILITY = '/availability';
/** What the bridge says of itself, and what others ask of it. */
const NOT_OF_DEVICES = /^bridge(\/|$)|\/(set|get)(\/|$)/;

/**
 * Zigbee2MQTT: one JSON object per device on `{base}/{name}`, names with slashes included, and `online` or `offline` on
 * `{base}/{name}/availability`, plain or as an object. Single attributes that it may also publish as plain text repeat
 * the object and are passed over.
 */
export const ZIGBEE2MQTT: Adapter = {
  filters: (prefix) => [`${prefix}/#`],
  adapt: (topic, payload, prefix) => {
    const rest = below(topic, prefix);
    if (rest === null) return foreignTopic();
    if (NOT_OF_DEVICES.test(rest)) return [];
    if (rest.endsWith(AVAILABILITY)) return adaptAvailability(rest.slice(0, -AVAILABILITY.length), payload);
    return adaptState(rest, payload);
  },
};

function adaptAvailability(device: string, payload: Buffer): Adaptation {
  const named = externalName(device);
  if (isRejection(named)) return named;
  const parsed = parseText(payload);
  if (isRejection(parsed)) return parsed;
  const state = availabilityOf(parsed.text);
  if (state === null) return reject('schema', 'availability is online or offline');
  return [{ device: named.name, readings: [], atMs: null, state }];
}

function adaptState(device: string, payload: Buffer): Adaptation {
  const named = externalName(device);
  if (isRejection(named)) return named;
  const plain = parseText(payload);
  if (isRejection(plain)) return plain;
  if (!plain.text.startsWith('{')) return [];
  const parsed = parseObject(payload);
  if (isRejection(parsed)) return parsed;
  const { last_seen, ...fields } = parsed.object;
  const atMs = sourceTimeMs(last_seen);
  const battery = percentOf(fields['battery']);
  const base = { device: named.name, readings: readFields(fields, { atMs, id: null }), atMs };
  return [battery === undefined ? base : { ...base, battery }];
}
