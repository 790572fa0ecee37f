import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { migrate } from '#database';
import { startPostgres, type RunningPostgres } from '#embedded-postgres';
import { createInventory, type Inventory, type TestDevice } from '../support/ingest.js';
import { findFaults, NO_FAULTS, startLoad, type Load } from '../support/load.js';
import { runNode, type NodeProcess } from '../support/run-node.js';

// Every round starts processes and waits for recoveries: seconds when idle, more on a busy machine.
vi.setConfig({ testTimeout: 90_000 });

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface IngestProcess extends NodeProcess {
  readonly port: number;
}

/** Ingest in a process of its own, ready for devices. */
async function startProcess(url: string, port = 0): Promise<IngestProcess> {
  const env = { ...process.env, DATABASE_URL: url, MQTT_PORT: String(port), MQTT_URL: '', LOG_LEVEL: 'error' };
  const ingest = runNode('apps/ingest/src/main.ts', [], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  cleanUps.push(async () => {
    const exit = once(ingest.child, 'exit');
    if (ingest.child.kill('SIGKILL')) await exit;
  });
  const ready = once(ingest.child, 'message') as Promise<[{ type: string; port: number; message?: string }]>;
  const [message] = await Promise.race([
    ready,
    ingest.ended.then(() => [{ type: 'ended', port: 0, message: ingest.text() }] as const),
  ]);
  expect(message).toMatchObject({ type: 'ready' });
  return { ...ingest, port: message.port };
}

async function devicesOf(inventory: Inventory, count: number): Promise<TestDevice[]> {
  const devices = await Promise.all(Array.from({ length: count }, () => inventory.addDevice()));
  for (const device of devices) await inventory.place(device);
  return devices;
}

/** Waits until this many more messages have been acknowledged. */
async function moreAcknowledged(load: Load, count: number): Promise<void> {
  const goal = load.acknowledged.size + count;
  await vi.waitFor(() => expect(load.acknowledged.size).toBeGreaterThan(goal), { timeout: 30_000, interval: 20 });
}

describe('under load, what is acknowledged is stored once', () => {
  async function prepare(): Promise<{ inventory: Inventory; devices: TestDevice[] }> {
    const inventory = await createInventory();
    cleanUps.push(() => inventory.drop());
    return { inventory, devices: await devicesOf(inventory, 8) };
  }

  it('through kill -9 of ingest, three times', async () => {
    const { inventory, devices } = await prepare();
    let ingest = await startProcess(inventory.url);
    const { port } = ingest;
    const load = startLoad(devices, port);
    for (let round = 0; round < 3; round += 1) {
      await moreAcknowledged(load, 400);
      ingest.child.kill('SIGKILL');
      await ingest.ended;
      expect(await findFaults(inventory, load)).toEqual(NO_FAULTS);
      ingest = await startProcess(inventory.url, port);
    }
    await moreAcknowledged(load, 400);
    await load.finish();
    expect(load.acknowledged.size).toBe(load.sent());
    expect(await findFaults(inventory, load)).toEqual(NO_FAULTS);
  });

  it('through SIGTERM, given twice: it drains, says goodbye and exits with 0', async () => {
    const { inventory, devices } = await prepare();
    let ingest = await startProcess(inventory.url);
    const { port } = ingest;
    const load = startLoad(devices, port);
    for (let round = 0; round < 3; round += 1) {
      await moreAcknowledged(load, 400);
      ingest.child.kill('SIGTERM');
      ingest.child.kill('SIGTERM');
      expect(await ingest.ended).toEqual({ code: 0, signal: null });
      expect(await findFaults(inventory, load)).toEqual(NO_FAULTS);
      expect(await inventory.rows('select 1 as n from device_signal where connected')).toEqual([]);
      expect(await inventory.rows(`select status ->> 'state' as state from service_heartbeat`)).toEqual([
        { state: 'stopped' },
      ]);
      ingest = await startProcess(inventory.url, port);
    }
    await load.finish();
    expect(load.acknowledged.size).toBe(load.sent());
    expect(await findFaults(inventory, load)).toEqual(NO_FAULTS);
  });

  it('when the supervisor goes: ingest ends by itself, drained', async () => {
    const { inventory, devices } = await prepare();
    const ingest = await startProcess(inventory.url);
    const load = startLoad(devices, ingest.port);
    await moreAcknowledged(load, 400);
    // Not `ended`: a child that was disconnected never emits `close`.
    const exit = once(ingest.child, 'exit');
    ingest.child.disconnect();
    expect(await exit).toEqual([0, null]);
    await load.abandon();
    expect(await findFaults(inventory, load)).toEqual(NO_FAULTS);
  });
});

describe('under load, with a durable PostgreSQL of its own', () => {
  it('what is acknowledged is stored once through its immediate stop and restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nyttospar-chaos-'));
    await chmod(folder, 0o711); // root's PostgreSQL runs as nobody, who must pass through
    cleanUps.push(() => rm(folder, { recursive: true, force: true }));
    let postgres: RunningPostgres = await startPostgres({ dataDir: join(folder, 'db') });
    cleanUps.push(() => postgres.stop('immediate'));
    await migrate(postgres.url);
    const inventory = await createInventory({ url: postgres.url, drop: async () => undefined });
    cleanUps.push(() => inventory.drop());
    const ingest = await startProcess(postgres.url);
    const load = startLoad(await devicesOf(inventory, 8), ingest.port);
    for (let round = 0; round < 2; round += 1) {
      await moreAcknowledged(load, 400);
      await postgres.stop('immediate');
      postgres = await startPostgres({ dataDir: join(folder, 'db'), port: postgres.port });
    }
    await moreAcknowledged(load, 400);
    await load.finish();
    expect(load.acknowledged.size).toBe(load.sent());
    expect(await findFaults(inventory, load)).toEqual(NO_FAULTS);
  });
});

describe('a start that cannot succeed', () => {
  it('says why in one readable line and exits with 1', async () => {
    const env = { ...process.env, DATABASE_URL: 'postgres://127.0.0.1:1/none', MQTT_PORT: '0', MQTT_URL: '' };
    const down = runNode('apps/ingest/src/main.ts', [], { env });
    expect(await down.ended).toEqual({ code: 1, signal: null });
    expect(down.text()).toMatch(/ECONNREFUSED/);
    const external = runNode('apps/ingest/src/main.ts', [], { env: { ...env, MQTT_URL: 'mqtt://elsewhere' } });
    expect(await external.ended).toEqual({ code: 1, signal: null });
    expect(external.text()).toMatch(/MQTT_URL: an external broker is not supported yet/);
  });
});
