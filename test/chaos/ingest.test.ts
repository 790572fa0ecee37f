import { once } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  limitMs,
  moreAcknowledged,
  placedDevices,
  rounds,
  startDurableDatabase,
  startIngestProcess,
} from '../support/chaos.js';
import { createInventory, type Inventory, type TestDevice } from '../support/ingest.js';
import { findFaults, NO_FAULTS, startLoad } from '../support/load.js';
import { runNode } from '../support/run-node.js';

vi.setConfig({ testTimeout: limitMs(3) });

describe('under load, what is acknowledged is stored once', () => {
  async function prepare(): Promise<{ inventory: Inventory; devices: TestDevice[] }> {
    const inventory = await createInventory();
    onTestFinished(() => inventory.drop());
    return { inventory, devices: await placedDevices(inventory, 8) };
  }

  it('through kill -9 of ingest, again and again', async () => {
    const { inventory, devices } = await prepare();
    let ingest = await startIngestProcess(inventory.url);
    const { port } = ingest;
    const load = startLoad(devices, port);
    for (let round = 0; round < rounds(3); round += 1) {
      await moreAcknowledged(load, 400);
      ingest.child.kill('SIGKILL');
      await ingest.ended;
      expect(await findFaults(inventory, load)).toEqual(NO_FAULTS);
      ingest = await startIngestProcess(inventory.url, port);
    }
    await moreAcknowledged(load, 400);
    await load.finish();
    expect(load.acknowledged.size).toBe(load.sent());
    expect(await findFaults(inventory, load)).toEqual(NO_FAULTS);
  });

  it('through SIGTERM, given twice: it drains, says goodbye and exits with 0', async () => {
    const { inventory, devices } = await prepare();
    let ingest = await startIngestProcess(inventory.url);
    const { port } = ingest;
    const load = startLoad(devices, port);
    for (let round = 0; round < rounds(3); round += 1) {
      await moreAcknowledged(load, 400);
      ingest.child.kill('SIGTERM');
      ingest.child.kill('SIGTERM');
      expect(await ingest.ended).toEqual({ code: 0, signal: null });
      expect(await findFaults(inventory, load)).toEqual(NO_FAULTS);
      expect(await inventory.rows('select 1 as n from device_signal where connected')).toEqual([]);
      expect(await inventory.rows(`select status ->> 'state' as state from service_heartbeat`)).toEqual([
        { state: 'stopped' },
      ]);
      ingest = await startIngestProcess(inventory.url, port);
    }
    await load.finish();
    expect(load.acknowledged.size).toBe(load.sent());
    expect(await findFaults(inventory, load)).toEqual(NO_FAULTS);
  });

  it('when the supervisor goes: ingest ends by itself, drained', async () => {
    const { inventory, devices } = await prepare();
    const ingest = await startIngestProcess(inventory.url);
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
    const database = await startDurableDatabase();
    const { inventory } = database;
    const ingest = await startIngestProcess(database.postgres.url);
    const load = startLoad(await placedDevices(inventory, 8), ingest.port);
    for (let round = 0; round < rounds(2); round += 1) {
      await moreAcknowledged(load, 400);
      await database.postgres.stop('immediate');
      await database.restart();
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
  });
});
