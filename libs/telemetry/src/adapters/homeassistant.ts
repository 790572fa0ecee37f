import { isRejection } from '../native/message.js';
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
  scalarOf,
} from './reading.js';

const AVAILABILITY = /^(availability|status|lwt)$/i;

/**
 * State topics as Home Assistant's MQTT integrations are set up with: `{prefix}/{device}/{entity…}` with a plain value
 * or an object, and `{prefix}/{device}/availability` (or `status`, `LWT`) with online or offline. The entity's levels
 * become the field: `contact`, `analog/brightness`, `contact.state`; a value on the device's own topic is `state`.
 */
export const HOMEASSISTANT: Adapter = {
  filters: (prefix) => [`${prefix}/#`],
  adapt: (topic, payload, prefix) => {
    const rest = below(topic, prefix);
    if (rest === null) return foreignTopic();
    const [device, ...levels] = rest.split('/').filter((level) => level !== '');
    if (levels.at(-1) === 'config' || levels.at(-1) === 'set') return [];
    return adaptEntity(device, levels, payload);
  },
};

function adaptEntity(device: string | undefined, levels: readonly string[], payload: Buffer): Adaptation {
  const named = externalName(device);
  if (isRejection(named)) return named;
  const plain = parseText(payload);
  if (isRejection(plain)) return plain;
  const state = AVAILABILITY.test(levels.at(-1) ?? '') ? availabilityOf(plain.text) : null;
  if (state !== null) return [{ device: named.name, readings: [], atMs: null, state }];
  const source = { atMs: null, id: null };
  const entity = levels.join('/');
  if (!plain.text.startsWith('{')) {
    const value = { [entity || 'state']: scalarOf(plain.text) };
    return [{ device: named.name, readings: readFields(value, source), atMs: null, ...batteryOf(value) }];
  }
  const parsed = parseObject(payload);
  if (isRejection(parsed)) return parsed;
  const fields = entity === '' ? parsed.object : { [entity]: parsed.object };
  const readings = readFields(fields, source);
  return [{ device: named.name, readings, atMs: null, ...batteryOf(parsed.object) }];
}

/** Home Assistant's batteries are in percent. */
function batteryOf(fields: Readonly<Record<string, unknown>>): { battery?: number } {
  const battery = percentOf(fields['battery'] ?? fields['battery_level']);
  return battery === undefined ? {} : { battery };
}
