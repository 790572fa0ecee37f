import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { helpText, readSettings } from './config.js';

test('without settings it is the demo on loopback', () => {
  expect(readSettings([], {})).toEqual({
    httpPort: 3000,
    mqttPort: 1883,
    mqttTls: undefined,
    bind: '127.0.0.1',
    dataDir: resolve('data'),
    databaseUrl: undefined,
    mqttUrl: undefined,
    isDemo: true,
    hasSimulator: true,
    environment: {},
  });
});

test('a flag wins over the environment, in both spellings', () => {
  const environment = { HTTP_PORT: '4000', MQTT_PORT: '4001' };
  expect(readSettings(['--http-port', '5000', '--mqtt-port=5001'], environment)).toMatchObject({
    httpPort: 5000,
    mqttPort: 5001,
  });
});

test('without the demo there is no simulator', () => {
  expect(readSettings([], { DEMO: 'off', SIMULATOR: 'on' })).toMatchObject({ isDemo: false, hasSimulator: false });
});

test('with a broker of one’s own, MQTT_PORT does not matter', () => {
  const environment = { MQTT_URL: 'mqtt://127.0.0.1', HTTP_PORT: '1883' };
  expect(readSettings([], environment)).toMatchObject({ mqttUrl: 'mqtt://127.0.0.1', httpPort: 1883 });
});

test('a certificate and its key open the port with TLS', () => {
  const environment = { MQTT_TLS_CERT: 'cert.pem', MQTT_TLS_KEY: '/k/key.pem' };
  const mqttTls = { port: 8883, certFile: resolve('cert.pem'), keyFile: '/k/key.pem' };
  expect(readSettings([], environment)).toMatchObject({ mqttTls });
});

test('an empty variable counts as not set', () => {
  expect(readSettings([], { DATABASE_URL: '', DEMO: '' })).toMatchObject({ databaseUrl: undefined, isDemo: true });
});

describe('a bad setting is named with what is allowed and an example', () => {
  test.each([
    [{ HTTP_PORT: 'abc' }, 'HTTP_PORT ("abc") must be a port from 1 to 65535. Example: HTTP_PORT=3001 npm start'],
    [{ MQTT_PORT: '65536' }, 'MQTT_PORT ("65536") must be a port from 1 to 65535. Example: MQTT_PORT=1884 npm start'],
    [{ HTTP_PORT: '0' }, 'HTTP_PORT ("0") must be a port from 1 to 65535.'],
    [{ BIND: 'here' }, 'BIND ("here") must be an IP address of this machine. Example: BIND=0.0.0.0 npm start'],
    [{ DEMO: 'yes' }, 'DEMO ("yes") must be on or off. Example: DEMO=off npm start'],
    [
      { MQTT_URL: 'broker:1883' },
      'MQTT_URL must be an mqtt:// or mqtts:// URL. Example: MQTT_URL=mqtts://broker.example:8883 npm start',
    ],
    [{ MQTT_TLS_CERT: 'c.pem' }, 'MQTT_TLS_KEY is missing: a certificate and its key belong together.'],
    [
      { MQTT_TLS_CERT: 'c.pem', MQTT_TLS_KEY: 'k.pem', MQTT_PORT: '8883' },
      'MQTT_PORT and MQTT_TLS_PORT are both 8883; they must differ.',
    ],
    [{ HTTP_PORT: '1883' }, 'HTTP_PORT and MQTT_PORT are both 1883; they must differ.'],
  ])('%o', (environment, message) => {
    expect(() => readSettings([], environment)).toThrow(message);
  });

  test('a URL’s password is not repeated', () => {
    expect(() => readSettings([], { DATABASE_URL: 'mysql://u:hemligt@h/db' })).toThrow(
      /^DATABASE_URL must be a postgres/,
    );
  });

  test('an unknown flag lists the known ones', () => {
    expect(() => readSettings(['--prot', '1'], {})).toThrow(
      'There is no setting --prot. The settings are: --http-port,',
    );
  });

  test('a flag without a value', () => {
    expect(() => readSettings(['--http-port'], {})).toThrow('--http-port needs a value: a port from 1 to 65535.');
  });
});

test('the help tells every setting', () => {
  expect(readSettings(['--help'], {})).toBe('help');
  for (const name of ['HTTP_PORT', 'MQTT_PORT', 'BIND', 'DATA_DIR', 'DATABASE_URL', 'MQTT_URL', 'DEMO', 'SIMULATOR']) {
    expect(helpText()).toContain(name);
  }
});
