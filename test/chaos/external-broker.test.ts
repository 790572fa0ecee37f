import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { migrate } from '#database';
import { startPostgres, type RunningPostgres } from '#embedded-postgres';
import { rounds } from '../support/chaos.js';
import { createInventory, type Inventory, type TestDevice } from '../support/ingest.js';
import { findFaults, NO_FAULTS, startLoad, type Load } from '../support/load.js';
import { mosquittoVersion, startMosquitto, type Mosquitto } from '../support/mosquitto.js';
import { describeWith } from '../support/requires.js';
import { startWorker, type Worker } from '../support/worker.js';

// Every round starts processes and waits for recoveries: seconds when idle, more on a busy machine.
vi.setConfig({ testTimeout: 60_000 + rounds(2) * 30_000 });

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const DEVICES = 6;
/** The broker acknowledges at once: without a pause the queue before ingest would only grow. */
const PAUSE_MS = 60;

/** A broker with devices that publish, workers, and a database. */
interface Scene {
  readonly inventory: Inventory;
  readonly broker: Mosquitto;
  readonly workers: Worker[];
  readonly load: Load;
  /** Starts one more worker. */
  work(): Promise<Worker>;
}

/** The workers come first: a broker keeps messages for who has subscribed. */
async function prepare(inventory: Inventory, workerCount: number, more: NodeJS.ProcessEnv = {}): Promise<Scene> {
  cleanUps.push(() => inventory.drop());
  const devices: TestDevice[] = [];
  for (let count = 0; count < DEVICES; count += 1) devices.push(await inventory.addDevice());
  for (const device of devices) await inventory.place(device);
  const broker = await startMosquitto(devices);
  cleanUps.push(() => broker.remove());
  const work = async (): Promise<Worker> => {
    const settings = { TAKE_OVER_SECONDS: '2', LOG_LEVEL: 'silent', ...more };
    const worker = await startWorker({ databaseUrl: inventory.url, brokerUrl: broker.url }, settings);
    cleanUps.push(() => worker.kill());
    return worker;
  };
  const workers = await Promise.all(Array.from({ length: workerCount }, work));
  const load = startLoad(devices, broker.port, PAUSE_MS);
  cleanUps.push(() => load.abandon());
  return { inventory, broker, workers, load, work };
}

/** Waits until this many more messages have been acknowledged by the broker. */
async function moreAcknowledged(load: Load, count: number): Promise<void> {
  const goal = load.acknowledged.size + count;
  await vi.waitFor(() => expect(load.acknowledged.size).toBeGreaterThan(goal), { timeout: 30_000, interval: 20 });
}

/** SIGTERM lets the broker save what it holds. */
async function restartBroker({ load, broker }: Scene): Promise<void> {
  for (let round = 0; round < rounds(2); round += 1) {
    await moreAcknowledged(load, 400);
    await broker.stop('SIGTERM');
    await broker.start();
  }
  await moreAcknowledged(load, 400);
}

/** The end of a round: the devices have sent all, and all that was acknowledged gets stored, once each. */
async function expectAllStored({ inventory, load }: Scene): Promise<void> {
  await load.finish();
  expect(load.acknowledged.size).toBe(load.sent());
  const count = async (): Promise<unknown> =>
    (await inventory.rows<{ n: number }>('select count(*)::int as n from usage'))[0]?.n;
  await vi.waitFor(async () => expect(await count()).toBeGreaterThanOrEqual(load.sent()), {
    timeout: 30_000,
    interval: 100,
  });
  expect(await count()).toBe(load.sent());
  expect(await findFaults(inventory, load)).toEqual(NO_FAULTS);
}

describeWith('mosquitto', 'behind an external broker under load, what is acknowledged gets stored once', () => {
  it('through kill -9 of the worker and its restart, again and again', async () => {
    const scene = await prepare(await createInventory(), 1);
    let [worker] = scene.workers;
    for (let round = 0; round < rounds(2); round += 1) {
      await moreAcknowledged(scene.load, 400);
      await worker?.kill();
      await moreAcknowledged(scene.load, 200);
      worker = await scene.work();
    }
    await expectAllStored(scene);
  });

  it('through kill -9 of one of two workers that never comes back: the other one takes over what it left', async () => {
    const scene = await prepare(await createInventory(), 2);
    await moreAcknowledged(scene.load, 400);
    await scene.workers[1]?.kill();
    await moreAcknowledged(scene.load, 600);
    await expectAllStored(scene);
  });

  it('through SIGTERM of both workers in turn: they drain, and exit with 0', async () => {
    const scene = await prepare(await createInventory(), 2);
    for (let round = 0; round < rounds(2); round += 1) {
      await moreAcknowledged(scene.load, 300);
      expect(await scene.workers.shift()?.drain()).toEqual({ code: 0, signal: null });
      scene.workers.push(await scene.work());
    }
    await expectAllStored(scene);
  });

  it('through a restart of the broker, again and again, with one worker on ordinary subscriptions', async () => {
    const scene = await prepare(await createInventory(), 1, { MQTT_SHARED: 'off' });
    await restartBroker(scene);
    await expectAllStored(scene);
  });

  // Before 2.0.12 Mosquitto forgets shared subscriptions at its restart, until the workers are back.
  it.skipIf(mosquittoVersion() < 2_000_012)(
    'through a restart of the broker, again and again, with two workers on shared subscriptions [needs Mosquitto 2.0.12]',
    async () => {
      const scene = await prepare(await createInventory(), 2);
      await restartBroker(scene);
      await expectAllStored(scene);
    },
  );

  it('through a restart of the broker while it keeps messages for two workers that are down', async () => {
    const scene = await prepare(await createInventory(), 2);
    await moreAcknowledged(scene.load, 400);
    for (const worker of scene.workers) await worker.kill();
    await moreAcknowledged(scene.load, 400);
    await scene.load.finish();
    await scene.broker.stop('SIGTERM');
    await scene.broker.start();
    await Promise.all([scene.work(), scene.work()]);
    await expectAllStored(scene);
  });

  it('through an immediate stop and a pause of PostgreSQL', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nyttospar-chaos-'));
    await chmod(folder, 0o711); // root's PostgreSQL runs as nobody, who must pass through
    cleanUps.push(() => rm(folder, { recursive: true, force: true }));
    let postgres: RunningPostgres = await startPostgres({ dataDir: join(folder, 'db') });
    cleanUps.push(() => postgres.stop('immediate'));
    await migrate(postgres.url);
    const scene = await prepare(await createInventory({ url: postgres.url, drop: async () => undefined }), 2);
    for (let round = 0; round < rounds(1); round += 1) {
      await moreAcknowledged(scene.load, 400);
      await postgres.stop('immediate');
      await moreAcknowledged(scene.load, 400);
      postgres = await startPostgres({ dataDir: join(folder, 'db'), port: postgres.port });
    }
    await moreAcknowledged(scene.load, 400);
    const processes = await serverProcesses(postgres.pid);
    processes.forEach((pid) => process.kill(pid, 'SIGSTOP'));
    await delay(3_000);
    processes.forEach((pid) => process.kill(pid, 'SIGCONT'));
    await moreAcknowledged(scene.load, 400);
    await expectAllStored(scene);
  });
});

/** A server and its backends: each connection has a process of its own. */
async function serverProcesses(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return [pid, ...children.split(' ').filter(Boolean).map(Number)];
}
