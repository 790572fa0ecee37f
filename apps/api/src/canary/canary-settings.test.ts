import { describe, expect, test } from 'vitest';
import { type CanaryGiven, canarySettings } from './canary-settings.js';

const given: CanaryGiven = { CANARY: 'on', CANARY_SECONDS: 30, BIND: '127.0.0.1', MQTT_PORT: 1883 };
const own = { ...given, MQTT_URL: 'mqtts://worker:secret@broker.example:8883' };
const login = { username: 'canary-1', password: 'hemligt' };

describe('the canary', () => {
  test.each([
    ['127.0.0.1', 'mqtt://127.0.0.1:1883'],
    ['0.0.0.0', 'mqtt://127.0.0.1:1883'],
    ['::', 'mqtt://127.0.0.1:1883'],
    ['10.0.0.7', 'mqtt://10.0.0.7:1883'],
    ['::1', 'mqtt://[::1]:1883'],
  ])('at a broker that listens on %s connects to %s', (BIND, url) => {
    expect(canarySettings({ ...given, BIND })).toMatchObject({
      isOn: true,
      url,
      login: null,
      everyMs: 30_000,
      missMs: 20_000,
    });
  });

  test('at one’s own broker logs in as itself, and never as the workers', () => {
    const settings = canarySettings({ ...own, CANARY_USERNAME: login.username, CANARY_PASSWORD: login.password });
    expect(settings).toMatchObject({ isOn: true, url: 'mqtts://broker.example:8883', login });
  });

  test.each([
    ['switched_off', { ...given, CANARY: 'off' as const }],
    ['no_broker', { ...given, MQTT_PORT: undefined }],
    ['no_login', own],
    ['no_login', { ...own, CANARY_USERNAME: 'canary-1' }],
  ])('says why it is off: %s', (reason, settings) => {
    expect(canarySettings(settings)).toEqual({ isOn: false, reason });
  });
});
