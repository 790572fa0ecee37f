import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HealthMessage, MAX_PAYLOAD_BYTES } from '#contracts';
import { device, TestBroker } from '../../test/support/simulator-broker.js';
import type { Window } from './device.js';
import type { FleetDevice } from './devices-file.js';
import { usageBetween } from './engine.js';
import { Fleet, type FleetPlan } from './fleet.js';
import { Memory } from './memory.js';
import { nextOutageIn, offlineStretchAt } from './outages.js';

const ZONE = 'Europe/Stockholm';
const DAY_MS = 86_400_000;

let broker: TestBroker;
let lines: string[];
const running: Fleet[] = [];

beforeEach(async () => {
  broker = await TestBroker.start();
  lines = [];
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((fleet) => fleet.stop()));
  await broker.stop();
});

async function start(devices: FleetDevice[], more: Partial<FleetPlan> = {}): Promise<Fleet> {
  const memory = await Memory.open(null);
  const fleet = new Fleet({ url: broker.url, zone: ZONE, devices, memory, log: (line) => lines.push(line), ...more });
  running.push(fleet);
  await fleet.tried();
  return fleet;
}

const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();
const soon = <T>(check: () => T) => vi.waitFor(check, { timeout: 10_000, interval: 20 });

describe('a simulated fleet', () => {
  it('tells its whole history at QoS 1 in arrays of at most 100, each usage once', async () => {
    const screen = device('screen-1', { since: daysAgo(20) });
    const [fromMs, toMs] = [Date.parse(screen.since), Date.now() - 60_000];
    await start([screen]);
    // A session that is still on has not been sent.
    const due = usageBetween(screen, { fromMs, toMs }, ZONE).filter(
      ({ at, until }) => Date.parse(String(until ?? at)) < toMs,
    );
    await soon(() => expect(broker.usages('screen-1').length).toBeGreaterThanOrEqual(due.length));
    const ids = broker.usages('screen-1').map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(due.map(({ id }) => id)));
    expect(new Set(ids).size).toBe(ids.length);
    const messages = broker.on('screen-1', 'usage');
    expect(messages.every(({ qos, payload }) => qos === 1 && payload.length <= MAX_PAYLOAD_BYTES)).toBe(true);
    expect(Math.max(...messages.map(({ payload }) => [JSON.parse(payload)].flat().length))).toBe(100);
  });

  it('tells in its history a sign of life for each hour without use', async () => {
    await start([device('lock-1', { since: daysAgo(3), activity: 0 })]);
    const hour = (at: unknown) => Math.floor(Date.parse(String(at)) / 3_600_000);
    await soon(() => {
      const health = broker.on('lock-1', 'health').map(({ payload }) => HealthMessage.parse(JSON.parse(payload)));
      const alive = new Set([...health, ...broker.usages('lock-1')].map(({ at }) => hour(at)));
      expect(alive.size).toBeGreaterThanOrEqual(3 * 24 - 1);
    });
  });

  it('then sends each event at its moment', async () => {
    // At night 400 × 1000 messages a day × 8/346 of them an hour = 2.6 a second: none in 15 s practically never.
    await start([device('screen-1', { activity: 1000 })]);
    await vi.waitFor(() => expect(broker.usages('screen-1').length).toBeGreaterThan(0), {
      timeout: 15_000,
      interval: 20,
    });
    const [first] = broker.usages('screen-1');
    expect(Math.abs(Date.now() - Date.parse(String(first?.at)))).toBeLessThan(5000);
  });

  it('is online, retained, while it runs and offline after it stopped, without a will', async () => {
    const fleet = await start([device('lock-1'), device('screen-1')]);
    expect(broker.aedes.connectedClients).toBe(2);
    await fleet.stop();
    for (const publicId of ['lock-1', 'screen-1']) {
      const states = broker
        .on(publicId, 'state')
        .map(({ payload }) => (JSON.parse(payload) as { state: string }).state);
      expect(states).toEqual(['online', 'offline']);
      expect(broker.on(publicId, 'state').every(({ retain, qos }) => retain && qos === 1)).toBe(true);
    }
    expect(broker.aedes.connectedClients).toBe(0);
  });

  it('leaves neither sockets nor timers behind when it stops in the middle of its history', async () => {
    const before = open();
    const fleet = await start([device('screen-1', { since: daysAgo(80) })]);
    await fleet.stop();
    await fleet.ended();
    await soon(() => expect(broker.aedes.connectedClients).toBe(0));
    expect(open().length).toBeLessThanOrEqual(before.length);
  });

  it('has the broker say lost when its connection dies, comes back by itself and misses nothing', async () => {
    const screen = device('screen-1', { since: daysAgo(30) });
    const toMs = Date.now() - 60_000;
    await start([screen]);
    await soon(() => expect(broker.usages('screen-1').length).toBeGreaterThan(100));
    await broker.listen(await broker.vanish());
    await soon(() =>
      expect(broker.on('screen-1', 'state').map(({ payload }) => payload)).toContain('{"state":"lost"}'),
    );
    const due = usageBetween(screen, { fromMs: Date.parse(screen.since), toMs }, ZONE);
    await soon(() => {
      const ids = new Set(broker.usages('screen-1').map(({ id }) => id));
      const missing = due.filter(({ id, at, until }) => Date.parse(String(until ?? at)) < toMs && !ids.has(id));
      expect(missing).toEqual([]);
    });
  });

  it('goes silent without a farewell when its own network fails', async () => {
    const doomed = withOutageIn({ fromMs: Date.now() + 3000, toMs: Date.now() + 7000 });
    await start([doomed]);
    expect(broker.aedes.connectedClients).toBe(1);
    const states = () =>
      broker.on('lock-1', 'state').map(({ payload }) => (JSON.parse(payload) as { state: string }).state);
    await soon(() => expect(states()).toEqual(['online', 'lost']));
    expect(broker.aedes.connectedClients).toBe(0);
  });

  it('tells a refused log-in in one line and lets the others work', async () => {
    const fleet = await start([device('lock-1', { secret: 'wrong' }), device('screen-1')]);
    expect(lines).toEqual([expect.stringMatching(/^lock-1: Connection refused: .*Trying again/)]);
    expect(broker.aedes.connectedClients).toBe(1);
    await fleet.stop();
  });

  it('counts as tried when nobody answers, says so once, and stops at once', async () => {
    const url = broker.url;
    const port = await broker.vanish();
    const fleet = await start([device('lock-1'), device('screen-1')], { url });
    expect(lines).toEqual([expect.stringContaining('No connection to')]);
    const begunAt = Date.now();
    await fleet.stop();
    expect(Date.now() - begunAt).toBeLessThan(1000);
    await broker.listen(port);
  });

  it('after a restart sends only what was not acknowledged', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'devices-sim-'));
    const path = join(folder, 'simulator', 'acknowledged.json');
    const lock = device('lock-1', { since: daysAgo(60) });
    const fleet = await start([lock], { memory: await Memory.open(path) });
    await soon(async () =>
      expect((await Memory.open(path)).acknowledgedUntil(lock) ?? 0).toBeGreaterThan(Date.now() - 60_000),
    );
    await fleet.stop();
    expect(broker.usages('lock-1').length).toBeGreaterThan(60);
    broker.received.length = 0;
    await start([lock], { memory: await Memory.open(path) });
    await soon(() => expect(broker.on('lock-1', 'state')).toHaveLength(1));
    expect(broker.usages('lock-1').length).toBeLessThan(5);
    await rm(folder, { recursive: true });
  });
});

/** A lock whose dice let the network fail in a window: one seed in 900,000 for each second of it. */
function withOutageIn(window: Window): FleetDevice {
  const lock = device('lock-1', { outages: 'late' });
  for (let seed = 0; seed < 4_000_000; seed++) {
    const candidate = { ...lock, seed };
    if (nextOutageIn(candidate, window) !== null && offlineStretchAt(candidate, Date.now()) === null) return candidate;
  }
  throw new Error('No seed has an outage in the window.');
}

/** Sockets and timers of this process that keep it alive. */
function open(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((kind) => kind === 'TCPSocketWrap' || kind === 'Timeout')
    .sort();
}
