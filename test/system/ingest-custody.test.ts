import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { upwardTopic } from '#contracts';
import { reassignPlacements } from '#database';
import type { Ingest } from '../../apps/ingest/src/ingest.js';
import { createInventory, startIngest, type Inventory, type TestDevice } from '../support/ingest.js';
import { connect, publish } from '../support/mqtt.js';

describe('a usage belongs to the placement at its event time', () => {
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

  const now = Date.now();
  const minutesAgo = (minutes: number): Date => new Date(now - minutes * 60_000);
  const unlock = (id: string, minutes: number) => ({
    id,
    metric: 'unlock',
    at: minutesAgo(minutes).getTime(),
    attributes: { result: 'success' },
  });

  async function send(device: TestDevice, usages: unknown): Promise<void> {
    const client = await connect({ ...device, port: ingest.port });
    await publish(client, upwardTopic(device.publicId, 'usage'), usages);
    await client.endAsync();
  }
  const placementsOf = async ({ key }: TestDevice) =>
    (
      await inventory.rows<{ placement_key: number | null }>(
        'select placement_key from usage where device_key = $1 order by at',
        [key],
      )
    ).map((row) => row.placement_key);
  /** Roll-ups as they are, and as raw usage would make them. */
  const hoursOf = ({ key }: TestDevice) =>
    inventory.rows<{ placement_key: number; count: number }>(
      'select placement_key, sum(count)::int as count from usage_hour where device_key = $1 group by 1 order by 1',
      [key],
    );
  const rawCountsOf = ({ key }: TestDevice) =>
    inventory.rows(
      'select coalesce(placement_key, 0) as placement_key, count(*)::int as count from usage where device_key = $1 group by 1 order by 1',
      [key],
    );

  it('also when it comes late, after the device was moved; without a placement it is unplaced', async () => {
    const device = await inventory.addDevice();
    const first = await inventory.place(device, { from: minutesAgo(100), to: minutesAgo(50), unit: 0 });
    const second = await inventory.place(device, { from: minutesAgo(50), unit: 1 });
    await send(device, [unlock('a', 20), unlock('b', 60), unlock('c', 120), unlock('d', 50)]);
    expect(await placementsOf(device)).toEqual([null, first, second, second]);
    expect(await hoursOf(device)).toEqual(await rawCountsOf(device));
  });

  it('when one device is swapped for another: each one’s late usage goes to the side on which it happened', async () => {
    const [outgoing, incoming] = [await inventory.addDevice(), await inventory.addDevice()];
    const before = await inventory.place(outgoing, { from: minutesAgo(100), to: minutesAgo(30) });
    const after = await inventory.place(incoming, { from: minutesAgo(30) });
    await send(outgoing, [unlock('a', 31), unlock('b', 29)]);
    await send(incoming, [unlock('a', 31), unlock('b', 29)]);
    expect(await placementsOf(outgoing)).toEqual([before, null]);
    expect(await placementsOf(incoming)).toEqual([null, after]);
  });

  it('while the placement is being moved back and forth under load', async () => {
    const device = await inventory.addDevice();
    const key = await inventory.place(device, { from: minutesAgo(1000), to: minutesAgo(500) });
    const client = await connect({ ...device, port: ingest.port });
    const sent: Promise<void>[] = [];
    for (let round = 0; round < 25; round += 1) {
      for (let index = 0; index < 40; index += 1) {
        sent.push(
          publish(client, upwardTopic(device.publicId, 'usage'), unlock(`${round}-${index}`, (index * 25) % 1000)),
        );
      }
      const end = minutesAgo(round % 2 === 0 ? 200 : 700);
      const tx = await inventory.pool.connect();
      await tx.query('begin');
      const sql = 'update placement set ends_at = $2 where key = $1';
      await tx.query(sql, [key, end]);
      await reassignPlacements(tx, device.key, { from: minutesAgo(1000), to: null });
      await tx.query('commit');
      tx.release();
    }
    await Promise.all(sent);
    const wrong = await inventory.rows(
      `select u.at from usage u left join placement p on p.key = $2 and p.starts_at <= u.at and u.at < p.ends_at
       where u.device_key = $1 and u.placement_key is distinct from p.key`,
      [device.key, key],
    );
    expect(wrong).toEqual([]);
    expect(await placementsOf(device)).toHaveLength(1000); // 25 × 40
    expect(await hoursOf(device)).toEqual(await rawCountsOf(device));
    await client.endAsync();
  });

  it('rule D7: a back-dated placement takes the usage of its time, with its hours and marks', async () => {
    const device = await inventory.addDevice();
    await send(device, [unlock('a', 300), unlock('b', 200), unlock('c', 100)]);
    const unplaced = await hoursOf(device);
    const tx = await inventory.pool.connect();
    await tx.query('begin');
    const key = await inventoryPlace(tx, device, minutesAgo(250));
    await reassignPlacements(tx, device.key, { from: minutesAgo(250), to: null });
    await tx.query('commit');
    tx.release();
    expect(unplaced).toEqual([{ placement_key: 0, count: 3 }]);
    expect(await placementsOf(device)).toEqual([null, key, key]);
    expect(await hoursOf(device)).toEqual([
      { placement_key: 0, count: 1 },
      { placement_key: key, count: 2 },
    ]);
    expect(
      (await inventory.rows('select 1 as n from dirty_day where placement_key = $1', [key])).length,
    ).toBeGreaterThan(0);
  });

  it('rule U6: is not reassigned where raw is no longer kept', async () => {
    const device = await inventory.addDevice();
    await inventory.pool.query(
      `insert into usage_hour (hour, device_key, placement_key, metric, count, sum, last_at)
       values ('2020-01-01 10:00Z', $1, 0, 1, 1, 1, '2020-01-01 10:00Z')`,
      [device.key],
    );
    const range = { from: new Date('2020-01-01T10:30:00Z'), to: null };
    await expect(reassignPlacements(inventory.pool, device.key, range)).rejects.toMatchObject({ code: '23001' });
  });

  async function inventoryPlace(
    tx: { query: (sql: string, values: unknown[]) => Promise<{ rows: { key: number }[] }> },
    device: TestDevice,
    from: Date,
  ): Promise<number> {
    const { rows } = await tx.query(
      `insert into placement (id, root_id, device_id, node_id, purpose, series_id, starts_at)
       select gen_random_uuid(), root_id, id, owner_node_id, 'operation', gen_random_uuid(), $2 from device where id = $1 returning key`,
      [device.id, from],
    );
    return rows[0]?.key ?? 0;
  }
});
