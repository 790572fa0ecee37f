import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { describe, expect, test } from 'vitest';
import { upwardTopic } from '#contracts';
import { DeviceLink } from '../../../devices-sim/src/device-link.js';
import { FleetDevice } from '../../../devices-sim/src/devices-file.js';
import { usageBetween } from '../../../devices-sim/src/engine.js';
import { healthBetween } from '../../../devices-sim/src/health.js';
import { Memory } from '../../../devices-sim/src/memory.js';
import { pickPort } from '../../../test/support/free-port.js';
import { mosquittoPub, refusalOf } from '../../../test/support/mqtt.js';
import { describeWith } from '../../../test/support/requires.js';
import { runNode } from '../../../test/support/run-node.js';
import { judge, type Report } from './judge.js';
import { type Kit, type KitOptions, startKit } from './kit.js';

const DEVICE = { publicId: 'apparat-1', secret: 'a secret of the kit' };

function start(given: Partial<KitOptions> = {}): Promise<Kit> {
  const { publicId: deviceId, secret } = DEVICE;
  const where = { address: '127.0.0.1', port: 0, family: 'keyless_lock' } as const;
  return startKit({ ...where, deviceId, secret, durationMs: 30_000, pauseMs: 8_000, tell: () => undefined, ...given });
}

const verdicts = ({ clauses }: Report, verdict: string): string[] =>
  clauses.filter((clause) => clause.verdict === verdict).map(({ id }) => id);
const findings = ({ clauses }: Report): Record<string, string> =>
  Object.fromEntries(clauses.map(({ id, verdict }) => [id, verdict]));

describe('the kit', () => {
  test('passes a simulated device in every required clause', { timeout: 120_000 }, async () => {
    const zone = busyZone();
    const device = busyLock(zone);
    const kit = await start({ durationMs: 64_000 });
    const news = { connected: () => undefined, refused: () => undefined, unreachable: () => undefined };
    const around = { url: `mqtt://127.0.0.1:${kit.port}`, zone, memory: await Memory.open(null), news };
    const link = new DeviceLink(device, around);
    const life = link.run();
    const report = judge(await kit.finished);
    await link.stop();
    await life;
    const required = report.clauses.filter(({ level, verdict }) => level === 'required' && verdict !== 'pass');
    expect(required).toEqual([]);
    expect(report.hasPassed).toBe(true);
  });

  test('fails a device that does it wrong, in the right clauses', { timeout: 60_000 }, async () => {
    const stop = new AbortController();
    const kit = await start({ signal: stop.signal });
    for (const attempt of [1, 2]) await misbehave(kit.port, attempt);
    stop.abort();
    const report = judge(await kit.finished);
    expect(verdicts(report, 'fail').sort()).toEqual(
      [
        'attributes',
        'battery',
        'client-id',
        'clock',
        'command-subscription',
        'keep-alive',
        'last-will',
        'own-subscriptions',
        'own-topics',
        'personal-data',
        'session-or-will',
        'state-valid',
        'usage-at',
        'usage-id',
        'usage-id-unique',
        'usage-not-retained',
        'usage-qos',
        'usage-time-form',
        'usage-valid',
      ].sort(),
    );
    expect(report.hasPassed).toBe(false);
  });

  test('lets in nobody but the device, and says so', async () => {
    const stop = new AbortController();
    const kit = await start({ signal: stop.signal });
    const connecting = { ...DEVICE, port: kit.port };
    expect(await refusalOf({ ...connecting, secret: 'wrong' })).toBe(4);
    expect(await refusalOf({ ...connecting, publicId: 'another' })).toBe(4);
    expect(await refusalOf(connecting, { protocolVersion: 5 })).toBe(0x84);
    stop.abort();
    const run = await kit.finished;
    expect(run.observations.map((one) => one.kind === 'connect' && one.outcome).filter(Boolean)).toEqual([
      'wrong_credentials',
      'wrong_credentials',
      'wrong_protocol',
    ]);
    expect(findings(judge(run))).toMatchObject({ 'mqtt-version': 'fail', 'log-in': 'fail', reconnect: 'not_seen' });
  });

  test(
    'withholds one acknowledgement, and hears what a client with a store of its own makes of it',
    { timeout: 60_000 },
    async () => {
      const stop = new AbortController();
      const kit = await start({ durationMs: 12_000, pauseMs: 2_000, signal: stop.signal });
      const client = mqtt.connect(`mqtt://127.0.0.1:${kit.port}`, {
        ...{ username: DEVICE.publicId, password: DEVICE.secret, clientId: DEVICE.publicId, clean: false },
        reconnectPeriod: 300,
      });
      client.on('error', () => undefined);
      let number = 0;
      const tick = setInterval(() => {
        number += 1;
        const usage = { id: `u${number}`, metric: 'unlock', at: new Date().toISOString() };
        client.publish(upwardTopic(DEVICE.publicId, 'usage'), JSON.stringify(usage), { qos: 1 });
      }, 400);
      const run = await kit.finished;
      clearInterval(tick);
      client.end(true);
      expect(run.observations.filter((one) => one.kind === 'publish' && one.answer === 'withheld')).toHaveLength(1);
      expect(findings(judge(run))).toMatchObject({
        redelivery: 'pass',
        // mqtt.js keeps the packet identifier but never sets DUP.
        'redelivery-dup': 'fail',
        'offline-buffer': 'pass',
        sequence: 'pass',
        reconnect: 'pass',
        'client-id': 'pass',
      });
    },
  );
});

/**
 * A lock with six hours of history that is used at least every seven seconds of the run, and whose hourly heartbeat is
 * due at its end, when it is surely back from having been refused (it waits longer each time): found by trying seeds,
 * since what a simulated device will do can be computed.
 */
function busyLock(zone: string): FleetDevice {
  const since = new Date(Date.now() - 6 * 3_600_000).toISOString();
  const lock = { ...DEVICE, family: 'keyless_lock', activity: 1_000, outages: 'none', since };
  const nowMs = Date.now();
  const stretches = [0, 7, 14, 21, 28, 35, 42, 49, 56].map((from) => ({
    fromMs: nowMs + from * 1_000,
    toMs: nowMs + (from + 7) * 1_000,
  }));
  for (let seed = 1; ; seed += 1) {
    const device = FleetDevice.parse({ ...lock, seed });
    const isAlive = healthBetween(device, { fromMs: nowMs + 51_000, toMs: nowMs + 62_000 }).length > 0;
    if (isAlive && stretches.every((stretch) => usageBetween(device, stretch, zone).length > 0)) return device;
  }
}

/** A zone where it is between eight and nine in the morning now, when home care is busiest. */
function busyZone(): string {
  const hours = 8 - new Date().getUTCHours();
  const east = hours < -12 ? hours + 24 : hours;
  return `Etc/GMT${east > 0 ? '-' : '+'}${Math.abs(east)}`;
}

/** A device as it should not be. */
async function misbehave(port: number, attempt: number): Promise<void> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
    ...{ username: DEVICE.publicId, password: DEVICE.secret, clientId: `random-${attempt}`, clean: true },
    keepalive: 0,
    reconnectPeriod: 0,
  });
  const [usage, state, health] = (['usage', 'state', 'health'] as const).map((one) =>
    upwardTopic(DEVICE.publicId, one),
  );
  const hoursAhead = new Date(Date.now() + 2 * 3_600_000).toISOString();
  const send = (topic: string, content: object, options: mqtt.IClientPublishOptions = {}) =>
    client.publishAsync(topic, JSON.stringify(content), { qos: 0, ...options });
  await client.subscribeAsync('#').catch(() => undefined);
  await send(state ?? '', { state: 'on' });
  await send(health ?? '', { signal: -60 });
  await send(usage ?? '', { id: 'same', metric: 'unlock', at: hoursAhead, attributes: { name: 'Anna' } });
  await send(
    usage ?? '',
    { id: 'same', metric: 'unlock', at: Math.round(Date.now() / 1000) + 7_200 },
    { retain: true },
  );
  await send(usage ?? '', { metric: 'fly' });
  await send(upwardTopic('another', 'usage'), {});
  await client.endAsync();
}

describeWith('mosquitto_pub', 'the kit and mosquitto_pub', () => {
  test('judges what was sent by hand', { timeout: 60_000 }, async () => {
    const stop = new AbortController();
    const kit = await start({ signal: stop.signal });
    const send = (channel: 'usage' | 'state' | 'health', content: object, args: string[] = []) =>
      mosquittoPub(
        { ...DEVICE, port: kit.port },
        {
          topic: upwardTopic(DEVICE.publicId, channel),
          payload: JSON.stringify(content),
          args: ['-i', 'fixed', '-c', ...args],
        },
      );
    const at = (): string => new Date().toISOString();
    await send('state', { state: 'online', at: at() }, ['-r']);
    await send('health', { battery: 70, at: at() });
    for (const id of ['1', '2', '3'])
      expect(await send('usage', { id, metric: 'unlock', at: at() })).toMatchObject({ code: 0 });
    stop.abort();
    const report = judge(await kit.finished);
    expect(verdicts(report, 'fail')).toEqual(['last-will', 'command-subscription']);
    expect(findings(report)).toMatchObject({ 'usage-valid': 'pass', 'client-id': 'pass', redelivery: 'not_seen' });
  });
});

describe('the command', () => {
  const run = (args: string[]) => runNode('apps/conformance/src/main.ts', args);

  test('explains itself', async () => {
    const help = run(['--help']);
    expect(await help.ended).toMatchObject({ code: 0 });
    for (const option of ['--family', '--port', '--minutes', '--json', '--lang']) expect(help.text()).toContain(option);
  });

  test('ends with 2 and the reason when it cannot run', async () => {
    for (const args of [[], ['--family', 'toaster'], ['--family', 'keyless_lock', '--minutes', 'x']]) {
      expect(await run(args).ended).toMatchObject({ code: 2 });
    }
  });

  test('ends with 1 when not all required clauses pass, and leaves a report and the log that it is the hash of', async () => {
    const [folder, port] = [await mkdtemp(join(tmpdir(), 'conformance-')), await pickPort()];
    const [json, log] = [join(folder, 'report.json'), join(folder, 'log.jsonl')];
    const login = ['--device', DEVICE.publicId, '--secret', DEVICE.secret];
    const files = ['--json', json, '--log', log];
    const kit = run(['--family', 'keyless_lock', '--port', `${port}`, '--lang', 'sv', ...login, ...files]);
    await kit.says(/Hemlighet: +a secret of the kit/);
    expect(await refusalOf({ ...DEVICE, port })).toBe(null);
    kit.child.kill('SIGINT');
    expect(await kit.ended).toMatchObject({ code: 1 });
    expect(kit.text()).toMatch(/INTE GODKÄNT: \d+ av \d+ krav/);
    const report = JSON.parse(await readFile(json, 'utf8')) as Report;
    const sha256 = createHash('sha256')
      .update(await readFile(log))
      .digest('hex');
    expect(report.observations).toMatchObject({ sha256 });
    expect(JSON.stringify(report) + (await readFile(log, 'utf8'))).not.toContain(DEVICE.secret);
    await rm(folder, { recursive: true });
  });
});
