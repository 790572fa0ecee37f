import type { DeviceState } from '#contracts';
import { isRejection, reject } from '../native/message.js';
import {
  type Adaptation,
  type Adapter,
  below,
  externalName,
  foreignTopic,
  parseText,
  readFields,
  scalarOf,
} from './reading.js';

/** The device's life cycle. */
const STATES = new Map<string, DeviceState>([
  ['init', 'online'],
  ['ready', 'online'],
  ['sleeping', 'sleeping'],
  ['disconnected', 'offline'],
  ['lost', 'lost'],
]);

/**
 * The Homie convention 5: a property's value as text on `{prefix}/5/{device}/{node}/{property}`, the life cycle on
 * `{prefix}/5/{device}/$state`. Descriptions, logs, alerts, targets and commands say nothing of use.
 */
export const HOMIE: Adapter = {
  filters: (prefix) => [`${prefix}/5/#`],
  adapt: (topic, payload, prefix) => {
    const rest = below(topic, `${prefix}/5`);
    if (rest === null) return foreignTopic();
    const [device, node, property, ...deeper] = rest.split('/');
    const named = externalName(device);
    if (isRejection(named)) return named;
    if (node === '$state' && property === undefined) return adaptState(named.name, payload);
    if (node === undefined || property === undefined || deeper.length > 0) return [];
    return node.startsWith('$') || property.startsWith('$') || named.name.startsWith('$')
      ? []
      : adaptProperty(named.name, `${node}/${property}`, payload);
  },
};

function adaptState(device: string, payload: Buffer): Adaptation {
  const parsed = parseText(payload);
  if (isRejection(parsed)) return parsed;
  // An empty payload takes the retained state away: the device is no more.
  if (parsed.text === '') return [];
  const state = STATES.get(parsed.text);
  if (state === undefined) return reject('schema', '$state is init, ready, disconnected, sleeping or lost');
  return [{ device, readings: [], atMs: null, state }];
}

function adaptProperty(device: string, field: string, payload: Buffer): Adaptation {
  const parsed = parseText(payload);
  if (isRejection(parsed)) return parsed;
  const readings = readFields({ [field]: scalarOf(parsed.text) }, { atMs: null, id: null });
  return [{ device, readings, atMs: null }];
}
