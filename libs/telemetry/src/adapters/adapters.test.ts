import { MAX_PAYLOAD_BYTES } from '#contracts';
import { ECOSYSTEMS, type Ecosystem, USUAL_PREFIXES } from '#domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as captured from './captured.fixture.js';
import { ADAPTERS, type DeviceReadings, matchesFilter } from './index.js';

const adapt = (ecosystem: Ecosystem, { topic, payload }: { topic: string; payload: string }, prefix?: string) =>
  ADAPTERS[ecosystem].adapt(topic, Buffer.from(payload), prefix ?? USUAL_PREFIXES[ecosystem] ?? '');
const fieldsOf = (adaptation: ReturnType<typeof adapt>, index = 0): Record<string, unknown> => {
  if (!Array.isArray(adaptation)) throw new Error(JSON.stringify(adaptation));
  const devices = adaptation as Exclude<ReturnType<typeof adapt>, { code: string }>;
  return Object.fromEntries(devices[index]?.readings.map(({ field, value }) => [field, value]) ?? []);
};

describe('ThingsBoard', () => {
  it('reads telemetry in its three forms', () => {
    expect(fieldsOf(adapt('thingsboard', captured.THINGSBOARD_OBJECT))).toEqual({
      key1: 'value1',
      key2: true,
      key3: 3,
      key4: 4,
    });
    expect(adapt('thingsboard', captured.THINGSBOARD_TIMED)).toMatchObject([
      { device: null, readings: [{ field: 'key1', atMs: 1451649600512, id: null }, { field: 'key2' }] },
    ]);
    expect(fieldsOf(adapt('thingsboard', captured.THINGSBOARD_LIST))).toEqual({ key1: 'value1', key2: true });
  });

  it('reads a gateway’s telemetry by device, each value at its time', () => {
    const devices = adapt('thingsboard', captured.THINGSBOARD_GATEWAY);
    expect(devices).toMatchObject([{ device: 'Device A' }, { device: 'Device B' }]);
    expect((devices as DeviceReadings[])[0]?.readings).toEqual([
      { field: 'temperature', value: 42, atMs: 1483228800000, id: null },
      { field: 'humidity', value: 80, atMs: 1483228800000, id: null },
      { field: 'temperature', value: 43, atMs: 1483228801000, id: null },
      { field: 'humidity', value: 82, atMs: 1483228801000, id: null },
    ]);
  });

  it('takes a gateway’s word on who is connected', () => {
    expect(adapt('thingsboard', captured.THINGSBOARD_CONNECT)).toMatchObject([{ device: 'Device A', state: 'online' }]);
    expect(adapt('thingsboard', captured.THINGSBOARD_DISCONNECT)).toMatchObject([
      { device: 'Device A', state: 'offline' },
    ]);
    expect(fieldsOf(adapt('thingsboard', captured.THINGSBOARD_ATTRIBUTES))).toEqual({ fw_version: '1.0', battery: 87 });
  });

  it.each(['{"ts":"soon","values":{"a":1}}', '[1]', '"x"', '{"values":3,"ts":1}'])(
    'says what is wrong with %s',
    (payload) => {
      const answer = adapt('thingsboard', { topic: 'v1/devices/me/telemetry', payload });
      const isTaken = payload === '{"values":3,"ts":1}'; // two fields that only look like a time and values
      expect(Array.isArray(answer)).toBe(isTaken);
      if (!isTaken) expect(answer).toMatchObject({ code: 'schema' });
    },
  );
});

describe('ChirpStack', () => {
  it('reads what the codec made, with id, time and the signal', () => {
    const devices = adapt('chirpstack', captured.CHIRPSTACK_UP);
    const atMs = Date.parse('2024-01-24T16:47:01.573Z');
    expect(devices).toMatchObject([{ device: 'a8404127a188d826', signalDbm: -54, atMs }]);
    expect(fieldsOf(devices)).toMatchObject({ DI1_status: 'H', RO1_status: 'OFF', ACI1_mA: 0 });
    const [first] = (devices as DeviceReadings[])[0]?.readings ?? [];
    expect(first).toMatchObject({ atMs, id: 'bd3fdb3b-af86-4617-b9f2-da07075d2bc5' });
  });

  it('reads the battery of a status, and a life sign without a codec', () => {
    expect(adapt('chirpstack', captured.CHIRPSTACK_STATUS)).toMatchObject([
      { device: '0101010101010101', battery: 88.3, readings: [] },
    ]);
    expect(adapt('chirpstack', captured.CHIRPSTACK_UP_WITHOUT_CODEC)).toMatchObject([{ readings: [], signalDbm: -36 }]);
    expect(adapt('chirpstack', captured.CHIRPSTACK_LOG)).toEqual([]);
  });

  it('does not let a payload speak for another device than its topic', () => {
    const topic = captured.CHIRPSTACK_UP.topic.replace('a8404127a188d826', 'ffffffffffffffff');
    expect(adapt('chirpstack', { ...captured.CHIRPSTACK_UP, topic })).toMatchObject({ code: 'schema' });
  });
});

describe('Zigbee2MQTT', () => {
  it('reads a lock, at the time it was last seen, with its battery', () => {
    const devices = adapt('zigbee2mqtt', captured.ZIGBEE_LOCK);
    const atMs = Date.parse('2025-08-07T22:10:54Z');
    expect(devices).toMatchObject([{ device: '0x002446fffd038aa7', battery: 70, atMs }]);
    expect(fieldsOf(devices)).toMatchObject({ action: 'manual_unlock', action_source_name: 'manual', state: 'LOCK' });
    expect(fieldsOf(devices)).not.toHaveProperty('last_seen');
    expect(adapt('zigbee2mqtt', captured.ZIGBEE_YALE)).toMatchObject([{ battery: 95, atMs: null }]);
  });

  it('takes names with slashes, and passes over what repeats or is the bridge’s own', () => {
    expect(adapt('zigbee2mqtt', captured.ZIGBEE_SWITCH)).toMatchObject([{ device: 'kitchen/floor_light' }]);
    expect(adapt('zigbee2mqtt', captured.ZIGBEE_LOCK_ACTION)).toEqual([]);
    expect(adapt('zigbee2mqtt', captured.ZIGBEE_BRIDGE)).toEqual([]);
    expect(adapt('zigbee2mqtt', { topic: 'zigbee2mqtt/my_bulb/set', payload: '{"state":"ON"}' })).toEqual([]);
  });

  it('reads availability, plain and as an object', () => {
    expect(adapt('zigbee2mqtt', captured.ZIGBEE_AVAILABILITY)).toMatchObject([{ device: 'my_bulb', state: 'online' }]);
    expect(adapt('zigbee2mqtt', captured.ZIGBEE_AVAILABILITY_JSON)).toMatchObject([{ state: 'offline' }]);
    const odd = { topic: 'zigbee2mqtt/my_bulb/availability', payload: 'perhaps' };
    expect(adapt('zigbee2mqtt', odd)).toMatchObject({ code: 'schema' });
  });

  it('names broken JSON on a device’s topic', () => {
    expect(adapt('zigbee2mqtt', { topic: 'zigbee2mqtt/x', payload: '{"action":' })).toMatchObject({ code: 'not_json' });
  });
});

describe('Home Assistant style', () => {
  it('reads availability in its spellings', () => {
    expect(adapt('homeassistant', captured.HA_AVAILABILITY, 'home-assistant')).toMatchObject([
      { device: 'window', state: 'online' },
    ]);
    expect(adapt('homeassistant', captured.HA_STATUS, 'home')).toMatchObject([{ device: 'bathroom', state: 'online' }]);
    const will = { topic: 'tele/lock/LWT', payload: 'Offline' };
    expect(adapt('homeassistant', will, 'tele')).toMatchObject([{ device: 'lock', state: 'offline' }]);
  });

  it('reads plain values and objects', () => {
    expect(fieldsOf(adapt('homeassistant', captured.HA_CONTACT, 'home-assistant'))).toEqual({ 'contact.state': 'ON' });
    expect(fieldsOf(adapt('homeassistant', captured.HA_BRIGHTNESS, 'home'))).toEqual({ 'analog/brightness': 290 });
    expect(fieldsOf(adapt('homeassistant', captured.HA_OBJECT, 'office'))).toEqual({
      temperature: 23.2,
      humidity: 43.7,
    });
    expect(fieldsOf(adapt('homeassistant', { topic: 'home/door', payload: 'OPEN' }, 'home'))).toEqual({
      state: 'OPEN',
    });
    expect(adapt('homeassistant', { topic: 'home/door/battery', payload: '71' }, 'home')).toMatchObject([
      { battery: 71 },
    ]);
  });
});

describe('Homie 5', () => {
  it('reads properties and the life cycle', () => {
    expect(fieldsOf(adapt('homie', captured.HOMIE_PROPERTY))).toEqual({ 'engine/temperature': 21.5 });
    expect(fieldsOf(adapt('homie', captured.HOMIE_BOOLEAN))).toEqual({ 'light/power': true });
    expect(adapt('homie', captured.HOMIE_STATE)).toMatchObject([{ device: 'super-car', state: 'online' }]);
    expect(adapt('homie', { topic: 'homie/5/super-car/$state', payload: 'lost' })).toMatchObject([{ state: 'lost' }]);
    expect(adapt('homie', { topic: 'homie/5/super-car/$state', payload: 'fine' })).toMatchObject({ code: 'schema' });
  });

  it('passes over commands, descriptions, targets and broadcasts', () => {
    expect(adapt('homie', captured.HOMIE_SET)).toEqual([]);
    for (const topic of ['super-car/$description', 'a/b/c/$target', '$broadcast/alert', 'a/$log/warn']) {
      expect(adapt('homie', { topic: `homie/5/${topic}`, payload: '1' })).toEqual([]);
    }
  });
});

describe.each(ECOSYSTEMS)('the adapter of %s', (ecosystem) => {
  const filters = (prefix: string) => ADAPTERS[ecosystem].filters(prefix);
  const defaultPrefix = USUAL_PREFIXES[ecosystem] ?? '';
  const everywhere = filters(defaultPrefix).map((filter) => filter.replace('#', 'a/b/c').replaceAll('+', 'x'));
  const topic = fc.oneof(
    fc.constantFrom(...everywhere, ...Object.values(captured).map((message) => message.topic)),
    fc.string({ unit: 'grapheme' }),
    fc
      .array(fc.constantFrom('a', '', '$state', 'availability', 'bridge', 'event', 'up', 'set'))
      .map((levels) => [defaultPrefix, ...levels].join('/')),
  );
  const payload = fc.oneof(
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.json().map((json) => Buffer.from(json)),
    fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
    fc.constantFrom(...Object.values(captured)).map((message) => Buffer.from(message.payload)),
  );

  it('answers anything with readings or a rejection, and never throws', () => {
    const within = (given: string, bytes: Buffer): void => {
      const answer = ADAPTERS[ecosystem].adapt(given, bytes, defaultPrefix);
      if ('code' in answer) return void expect(answer.reason).not.toBe('');
      for (const { device, readings } of answer) {
        expect(device === null || device.length <= 120).toBe(true);
        for (const { value, atMs } of readings) {
          expect(['string', 'number', 'boolean']).toContain(typeof value);
          expect(atMs === null || Number.isFinite(atMs)).toBe(true);
        }
      }
    };
    fc.assert(fc.property(topic, payload, within), { numRuns: 2_000 });
  });

  it('refuses what the native decoder refuses', () => {
    const own = ecosystem === 'sparkplug' ? 'spBv1.0/group/NDATA/node' : (everywhere[0] ?? '');
    const code = (bytes: Buffer) => (ADAPTERS[ecosystem].adapt(own, bytes, defaultPrefix) as { code?: string }).code;
    expect(code(Buffer.alloc(MAX_PAYLOAD_BYTES + 1, 0x20))).toBe('payload_too_large');
    // Sparkplug's are binary; what is wrong with them is a fault of their shape, and they are kept to be looked at.
    const expected = ecosystem === 'sparkplug' ? 'schema' : 'binary_payload';
    expect(code(Buffer.from([0x7b, 0xff, 0xfe]))).toBe(expected);
  });

  it('publishes within filters of its own', () => {
    expect(matchesFilter('wt/v1/d-1/usage', filters(defaultPrefix)[0] ?? '')).toBe(false);
    expect(everywhere.every((own) => filters(defaultPrefix).some((filter) => matchesFilter(own, filter)))).toBe(true);
  });
});
