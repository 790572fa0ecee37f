import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { device, TestBroker } from '../../test/support/simulator-broker.js';
import { runLoad } from './load.js';

let broker: TestBroker;
beforeEach(async () => {
  broker = await TestBroker.start();
});
afterEach(() => broker.stop());

describe('load', () => {
  const never = new AbortController().signal;

  it('reports what was sent and acknowledged, and how fast', async () => {
    const devices = [device('lock-1'), device('screen-1')];
    const result = await runLoad({ url: broker.url, devices, rate: 500, seconds: 1, inFlight: 10 }, never);
    expect(result).toMatchObject({ devices: 2, failed: 0, acknowledged: result.sent });
    expect(result.sent).toBeGreaterThan(300);
    expect(result.sent).toBeLessThanOrEqual(505);
    expect(result.latencyMs?.p50).toBeGreaterThan(0);
    const sent = [...broker.usages('lock-1'), ...broker.usages('screen-1')];
    expect(new Set(sent.map(({ id }) => id)).size).toBe(result.sent);
    expect(broker.aedes.connectedClients).toBe(0);
  });

  it.each([
    'mqtt://example.org:1883',
    'mqtt://127.0.0.1.example.org',
    'mqtt://10.0.0.5:1883',
    'mqtts://[2001:db8::1]:8883',
  ])('refuses %s', async (url) => {
    const plan = { url, devices: [device('lock-1')], rate: 1, seconds: 1, inFlight: 1 };
    await expect(runLoad(plan, never)).rejects.toThrow('this machine only');
  });
});
