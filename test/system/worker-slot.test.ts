import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { serviceOf, slotOfService } from '../../apps/ingest/src/heartbeat.js';
import { SlotTaken, WORKER_SLOTS, WorkerSlot } from '../../apps/ingest/src/worker-slot.js';
import { withClient } from '../support/connection.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

let database: TestDatabase;
const slots: WorkerSlot[] = [];
beforeAll(async () => (database = await createDatabase()));
afterEach(async () => {
  for (const slot of slots.splice(0)) await slot.release();
});
afterAll(() => database?.drop());

async function take(wanted?: number): Promise<WorkerSlot> {
  const slot = await WorkerSlot.take(database.url, wanted);
  slots.push(slot);
  return slot;
}

/** What becomes of connections when the server is restarted or the network breaks. */
const breakConnections = (): Promise<unknown> =>
  withClient(database.url, (admin) =>
    admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name = 'nyttospar-ingest-slot'`,
    ),
  );

const numberHolding = async (slot: number): Promise<number> =>
  withClient(database.url, async (admin) => {
    const held = 'select from pg_locks where locktype = $1 and objid = $2 and granted';
    return (await admin.query(held, ['advisory', slot])).rowCount ?? 0;
  });

describe('the slots of workers on one database', () => {
  it('are given from the lowest on, and one that was given back is given again', async () => {
    const [first, second] = [await take(), await take()];
    expect([first.number, second.number]).toEqual([0, 1]);
    await first.release();
    expect((await take()).number).toBe(0);
  });

  it('are given by number on demand, but never twice', async () => {
    expect((await take(WORKER_SLOTS - 1)).number).toBe(WORKER_SLOTS - 1);
    await expect(take(WORKER_SLOTS - 1)).rejects.toThrow(SlotTaken);
  });

  it('are taken again after the connection broke', async () => {
    const slot = await take();
    await breakConnections();
    await vi.waitFor(async () => {
      await slot.keep();
      expect(await numberHolding(slot.number)).toBe(1);
    }, 10_000);
    expect((await take()).number).toBe(1);
  });

  it('can be held besides one’s own while something is done, unless somebody has it', async () => {
    const [first, second] = [await take(), await take()];
    expect(await first.whileHolding(second.number, () => Promise.resolve('done'))).toBeNull();
    await second.release();
    const whileHeld = await first.whileHolding(1, async () => (await take()).number);
    expect(whileHeld).toBe(2);
    expect((await take()).number).toBe(1);
  });

  it('name the worker’s heartbeat', () => {
    expect([0, 1, 15].map(serviceOf)).toEqual(['ingest', 'ingest-1', 'ingest-15']);
    expect(['ingest', 'ingest-1', 'ingest-15'].map(slotOfService)).toEqual([0, 1, 15]);
    expect(['worker', 'ingest-', 'ingest-0', 'ingest-x'].map(slotOfService)).toEqual([null, null, null, null]);
  });
});
