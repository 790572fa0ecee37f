import { isRejection, reject, type Rejection } from '../native/message.js';
import {
  type Adaptation,
  type Adapter,
  below,
  externalName,
  foreignTopic,
  isObject,
  type JsonObject,
  parseObject,
  percentOf,
  readFields,
  sourceTimeMs,
} from './reading.js';

const TOPIC = /^application\/[^/]+\/device\/([^/]+)\/event\/([a-z]+)$/;

/**
 * ChirpStack v4's MQTT integration in JSON. `up` carries what the device profile's codec made of the payload, under
 * `object`; `status` the battery; `join` says that the device is there. Acknowledgements, logs and locations of the
 * network say nothing of use.
 */
export const CHIRPSTACK: Adapter = {
  filters: (prefix) => [`${prefix === '' ? '' : `${prefix}/`}application/+/device/+/event/+`],
  adapt: (topic, payload, prefix) => {
    const [, devEui, event] = TOPIC.exec(below(topic, prefix) ?? '') ?? [];
    return devEui === undefined ? foreignTopic() : adaptEvent(payload, { devEui, event: event ?? '' });
  },
};

function adaptEvent(payload: Buffer, { devEui, event }: { devEui: string; event: string }): Adaptation {
  const parsed = parseObject(payload);
  if (isRejection(parsed)) return parsed;
  const device = deviceOf(parsed.object, devEui);
  if (isRejection(device)) return device;
  const { object } = parsed;
  const source = { atMs: sourceTimeMs(object['time']), id: idOf(object) };
  switch (event) {
    case 'up': {
      const fields = isObject(object['object']) ? object['object'] : {};
      const signalDbm = strongest(object['rxInfo']);
      const base = { device: device.name, readings: readFields(fields, source), atMs: source.atMs };
      return [signalDbm === null ? base : { ...base, signalDbm }];
    }
    case 'status': {
      const battery = object['batteryLevelUnavailable'] === true ? undefined : percentOf(object['batteryLevel']);
      const base = { device: device.name, readings: [], atMs: source.atMs };
      return [battery === undefined ? base : { ...base, battery }];
    }
    case 'join':
      return [{ device: device.name, readings: [], atMs: source.atMs, state: 'online' }];
    default:
      return [];
  }
}

/** The topic names the device; a payload that names another was put on the wrong topic. */
function deviceOf(object: JsonObject, devEui: string): { readonly name: string } | Rejection {
  const info = object['deviceInfo'];
  const given = isObject(info) ? info['devEui'] : undefined;
  if (typeof given === 'string' && given.toLowerCase() !== devEui.toLowerCase()) {
    return reject('schema', 'deviceInfo.devEui is another than the topic’s');
  }
  return externalName(devEui.toLowerCase());
}

function idOf(object: JsonObject): string | null {
  const id = object['deduplicationId'];
  return typeof id === 'string' && id !== '' ? id : null;
}

/** The best of the receiving gateways, dBm. */
function strongest(rxInfo: unknown): number | null {
  const levels = (Array.isArray(rxInfo) ? rxInfo : []).flatMap((info: unknown) =>
    isObject(info) && typeof info['rssi'] === 'number' ? [info['rssi']] : [],
  );
  return levels.length === 0 ? null : Math.max(...levels);
}
