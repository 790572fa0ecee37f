import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';
import { migrate } from '#database';
import { startPostgres, type RunningPostgres } from '#embedded-postgres';
import { createInventory, type Inventory, type TestDevice } from './ingest.js';
import type { Load } from './load.js';
import { runNode, type NodeProcess } from './run-node.js';

/** How often each fault is tried: `npm run chaos` tries it twenty times, the suite a few. */
export const rounds = (few: number): number => Number(process.env['CHAOS_ROUNDS'] ?? few);

/** Rounds start processes and wait for recoveries: seconds when idle, more on a busy machine. */
export const limitMs = (few: number): number => 45_000 + rounds(few) * 15_000;

/** Ingest as a process of its own. */
export interface IngestProcess extends NodeProcess {
  readonly port: number;
}

/** Starts ingest, ready for devices; it is killed when the test is over. */
export async function startIngestProcess(databaseUrl: string, port = 0): Promise<IngestProcess> {
  const env = { ...process.env, DATABASE_URL: databaseUrl, MQTT_PORT: String(port), MQTT_URL: '', LOG_LEVEL: 'error' };
  const ingest = runNode('apps/ingest/src/main.ts', [], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  onTestFinished(async () => {
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

/** A PostgreSQL of its own with fsync on, which a test may stop, pause and starve. */
export interface DurableDatabase {
  postgres: RunningPostgres;
  dataDir: string;
  inventory: Inventory;
  restart(): Promise<void>;
}

export async function startDurableDatabase(): Promise<DurableDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'nyttospar-chaos-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o711); // root's PostgreSQL runs as nobody, who must pass through
  const dataDir = join(folder, 'db');
  const database = { postgres: await startPostgres({ dataDir }), dataDir };
  onTestFinished(() => database.postgres.stop('immediate'));
  await migrate(database.postgres.url);
  const inventory = await createInventory({ url: database.postgres.url, drop: async () => undefined });
  onTestFinished(() => inventory.drop());
  const restart = async (): Promise<void> => {
    database.postgres = await startPostgres({ dataDir, port: database.postgres.port });
  };
  return Object.assign(database, { inventory, restart });
}

/** Devices that stand somewhere. */
export async function placedDevices(inventory: Inventory, count: number): Promise<TestDevice[]> {
  const devices = await Promise.all(Array.from({ length: count }, () => inventory.addDevice()));
  for (const device of devices) await inventory.place(device);
  return devices;
}

/** Waits until so many more messages have been acknowledged. */
export async function moreAcknowledged(load: Pick<Load, 'acknowledged'>, count: number): Promise<void> {
  const goal = load.acknowledged.size + count;
  await vi.waitFor(() => expect(load.acknowledged.size).toBeGreaterThan(goal), { timeout: 40_000, interval: 20 });
}
