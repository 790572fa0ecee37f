import { describe, expect, test } from 'vitest';
import { readConfig } from './config.js';

const DATABASE_URL = 'postgres://u:p@127.0.0.1/nyttospar';

test('without an external broker it is the broker', () => {
  expect(readConfig({ DATABASE_URL, MQTT_URL: '' })).toMatchObject({
    broker: null,
    bind: '127.0.0.1',
    mqttPort: 1883,
    wantedSlot: undefined,
  });
});

test('a log-in may stand in the broker’s URL, percent-encoded, or beside it', () => {
  const loginOf = (more: object) => readConfig({ DATABASE_URL, ...more }).broker?.login;
  expect(loginOf({ MQTT_URL: 'mqtts://u%40k:%C3%A5@[::1]' })).toMatchObject({
    host: '::1',
    port: 8883,
    isEncrypted: true,
    username: 'u@k',
    password: 'å',
  });
  expect(loginOf({ MQTT_URL: 'mqtt://b:1884', MQTT_USERNAME: 'u', MQTT_PASSWORD: '%zz' })).toMatchObject({
    port: 1884,
    username: 'u',
    password: '%zz',
  });
});

test('with a certificate the plain listener stays on loopback unless it is switched on', () => {
  const files = { MQTT_TLS_CERT: 'c.pem', MQTT_TLS_KEY: 'k.pem', BIND: '0.0.0.0' };
  const tls = { bind: '0.0.0.0', port: 8883, certFile: 'c.pem', keyFile: 'k.pem' };
  expect(readConfig({ DATABASE_URL, ...files })).toMatchObject({ bind: '127.0.0.1', tls });
  expect(readConfig({ DATABASE_URL, ...files, MQTT_PLAIN: 'on' })).toMatchObject({ bind: '0.0.0.0', tls });
});

describe('a bad setting is named, and no secret is repeated', () => {
  test.each([
    [{ MQTT_URL: 'http://u:hemligt@b' }, 'MQTT_URL: an mqtt:// or mqtts:// URL of an MQTT 5 broker'],
    [{ MQTT_URL: 'mqtt://u:hemligt%zz@b' }, 'MQTT_URL: its user and password are percent-encoded'],
    [{ MQTT_URL: 'mqtt://b', MQTT_CA: '/finns/inte' }, 'the file MQTT_CA (/finns/inte) cannot be read'],
    [{ MQTT_TLS_KEY: 'k.pem' }, 'MQTT_TLS_CERT and MQTT_TLS_KEY belong together'],
    [{ WORKER: '16' }, 'WORKER: '],
    [{ TAKE_OVER_SECONDS: '0' }, 'TAKE_OVER_SECONDS: '],
    [{ DATABASE_URL: 'mysql://u:hemligt@h/db' }, 'DATABASE_URL: a postgres:// URL'],
    [{ DATABASE_URL: '' }, 'DATABASE_URL: a postgres:// URL'],
  ])('%o', (given, message) => {
    const read = () => readConfig({ DATABASE_URL, ...given });
    expect(read).toThrow(message);
    expect(read).toThrow(/^Ingest cannot start(?!.*hemligt)/);
  });
});
