import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { upwardTopic } from '#contracts';
import type { Ingest } from '../../apps/ingest/src/ingest.js';
import { createInventory, startIngest, type Inventory, type TestDevice } from '../support/ingest.js';
import { connect, publish } from '../support/mqtt.js';

describe('a message of a device', () => {
  let inventory: Inventory;
  let ingest: Ingest;
  beforeAll(async () => {
    inventory = await createInventory();
    ingest = await startIngest(inventory);
  });
  afterAll(async () => {
    await ingest?.stop();
    await inventory?.drop();
  });

  const connectAs = (device: TestDevice) => connect({ ...device, port: ingest.port });

  it('is a row, an hour, a mark and a sign of life by the time it is acknowledged', async () => {
    const device = await inventory.addDevice();
    const placement = await inventory.place(device);
    const client = await connectAs(device);
    const at = new Date(Date.now() - 60_000);
    const attributes = { result: 'success', actor_role: 'staff', door: 'secret' };
    await publish(client, upwardTopic(device.publicId, 'usage'), {
      id: 'a',
      metric: 'unlock',
      at: at.toISOString(),
      attributes,
    });
    const rows = await inventory.rows(
      'select placement_key, value, attributes, flags from usage where device_key = $1',
      [device.key],
    );
    expect(rows).toEqual([
      { placement_key: placement, value: 1, attributes: { result: 'success', actor_role: 'staff' }, flags: 0 },
    ]);
    const hours = await inventory.rows(
      'select placement_key, dimensions, count, sum::float8 from usage_hour where device_key = $1',
      [device.key],
    );
    expect(hours).toEqual([{ placement_key: placement, dimensions: 'success|staff', count: 1, sum: 1 }]);
    expect(await inventory.rows('select claimed from dirty_day where placement_key = $1', [placement])).toEqual([
      { claimed: false },
    ]);
    expect(await inventory.rows('select 1 as n from device_life where device_key = $1', [device.key])).toHaveLength(1);
    await client.endAsync();
  });

  it('is a sign of life without any usage, so that unused is not taken for silent (rule U12)', async () => {
    const device = await inventory.addDevice();
    const client = await connectAs(device);
    const hoursAgo = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();
    const at = hoursAgo(2);
    await publish(client, upwardTopic(device.publicId, 'health'), { battery: 50, at });
    await publish(client, upwardTopic(device.publicId, 'state'), { state: 'lost', at: hoursAgo(1) });
    const alive = await inventory.rows(`select hour from life_hours($1, '-infinity', 'infinity')`, [device.key]);
    expect(alive).toEqual([{ hour: new Date(`${at.slice(0, 13)}:00:00Z`) }]);
    await client.endAsync();
  });

  it('tells its state and health, and both are there when acknowledged', async () => {
    const device = await inventory.addDevice();
    const client = await connectAs(device);
    await publish(client, upwardTopic(device.publicId, 'state'), { state: 'online' });
    await publish(client, upwardTopic(device.publicId, 'health'), { battery: 81.6, signal: -61, firmware: '1.2 åäö' });
    const rows = await inventory.rows(
      'select state, battery, signal_dbm, firmware from device_signal where device_key = $1',
      [device.key],
    );
    expect(rows).toEqual([{ state: 'online', battery: 82, signal_dbm: -61, firmware: '1.2 åäö' }]);
    await client.endAsync();
  });

  it('shows the device connected while it is, and when it spoke last', async () => {
    const device = await inventory.addDevice();
    const client = await connectAs(device);
    const at = Date.now() - 5_000;
    await publish(client, upwardTopic(device.publicId, 'usage'), { id: 'a', metric: 'unlock', at });
    const signal = () =>
      inventory.rows(
        'select connected, (extract(epoch from last_at) * 1000)::float8 as at from device_signal where device_key = $1',
        [device.key],
      );
    await vi.waitFor(async () => expect(await signal()).toEqual([{ connected: true, at }]), 5_000);
    await client.endAsync();
    await vi.waitFor(async () => expect(await signal()).toEqual([{ connected: false, at }]), 5_000);
  });

  it('keeps the good elements of an array and rejects the bad ones by index, with one acknowledgement', async () => {
    const device = await inventory.addDevice();
    const client = await connectAs(device);
    const at = Date.now();
    const usages = [
      { id: '1', metric: 'unlock', at },
      { id: '2' },
      { id: '3', metric: 'fly', at },
      { id: '4', metric: 'unlock', at },
    ];
    await publish(client, upwardTopic(device.publicId, 'usage'), usages);
    expect(await inventory.rows('select 1 as n from usage where device_key = $1', [device.key])).toHaveLength(2);
    const rejects = await inventory.rows(
      'select element, code from rejected_message where device_key = $1 order by element',
      [device.key],
    );
    expect(rejects).toEqual([
      { element: 1, code: 'schema' },
      { element: 2, code: 'unknown_metric' },
    ]);
    await client.endAsync();
  });
});
