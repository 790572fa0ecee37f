import { placementsApi } from '#contracts';
import { type DeviceEntity, type PlacementEntity, rebuildHours } from '#database';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestApi } from '../support/api.js';
import { device, placement, trial } from '../support/builders.js';
import { daysAgo, put, startApiWithWeeks, twoUnits } from '../support/placements.js';

let api: TestApi;
beforeAll(async () => (api = await startApiWithWeeks()));
afterAll(() => api.close());

const place = () => twoUnits(api);

/** Successful openings by staff as ingest stores them, in raw and rolled up, unplaced unless a placement is given. */
async function store(of: DeviceEntity, times: Date[], owner?: PlacementEntity): Promise<void> {
  for (const [index, at] of times.entries()) {
    await api.db.query(
      `insert into usage (at, message_key, received_at, value, device_key, placement_key, metric, attributes)
      values ($1, $2, now(), 1, $3, $4, 1, '{"result":"success","actor_role":"staff"}')`,
      [at, index + 1, of.key, owner?.key ?? null],
    );
  }
  await rebuildHours(api.db.manager, of.key, [daysAgo(95), daysAgo(-1)]);
}

/** How many usages each placement of the device has, by the raw rows and by the roll-up. */
async function usageOf(of: DeviceEntity): Promise<{ raw: Record<string, number>; hours: Record<string, number> }> {
  const counted = async (sql: string): Promise<Record<string, number>> => {
    const rows = await api.db.query<{ key: number; count: number }[]>(sql, [of.key]);
    return Object.fromEntries(rows.map(({ key, count }) => [key, count]));
  };
  return {
    raw: await counted(
      'select coalesce(placement_key, 0) as key, count(*)::int from usage where device_key = $1 group by 1',
    ),
    hours: await counted(
      'select placement_key as key, sum(count)::int as count from usage_hour where device_key = $1 group by 1',
    ),
  };
}

const keyOf = async (id: string): Promise<number> => {
  const [row] = await api.db.query<{ key: number }[]>('select key from placement where id = $1', [id]);
  return row!.key;
};

test('usage from before the placement was written down goes with it (rule D7)', async () => {
  const { unit, as, lock } = await place();
  await store(lock, [daysAgo(4), daysAgo(2), daysAgo(1)]);
  const placed = await put(as, { deviceId: lock.id, nodeId: unit.id, startsAt: daysAgo(3).toISOString() });
  const key = await keyOf((placed.body as { id: string }).id);
  const moved = { 0: 1, [key]: 2 };
  expect(await usageOf(lock)).toEqual({ raw: moved, hours: moved });
});

test('a placement that ends back in time gives its later usage back', async () => {
  const { unit, as, lock } = await place();
  const locks = await trial(api, unit);
  const held = await placement(api, { device: lock, node: unit }, { trial: locks, startsAt: daysAgo(30) });
  await store(lock, [daysAgo(4), daysAgo(2), daysAgo(1)], held);
  await as.call(placementsApi.end, { params: { id: held.id }, body: { endsAt: daysAgo(3).toISOString() } });
  const moved = { 0: 2, [held.key]: 1 };
  expect(await usageOf(lock)).toEqual({ raw: moved, hours: moved });
});

test('a swapped device keeps the series: usage follows each device, without a gap (rule U10)', async () => {
  const { unit, as, lock } = await place();
  const locks = await trial(api, unit);
  const held = await placement(
    api,
    { device: lock, node: unit },
    { trial: locks, arm: 'intervention', startsAt: daysAgo(30) },
  );
  await store(lock, [daysAgo(4), daysAgo(1)], held);
  const spare = await device(api, unit, { lifecycle: 'in_stock' });
  await store(spare, [daysAgo(1)]);
  const at = daysAgo(2).toISOString();
  const terms = { purpose: 'trial', trialId: locks.id, arm: 'intervention', startsAt: at, replaces: held.id };
  const swapped = await put(as, { deviceId: spare.id, nodeId: unit.id, ...terms });
  expect(swapped).toMatchObject({ status: 200, body: { seriesId: held.seriesId, startsAt: at } });
  const [old] = (await as.call(placementsApi.list, { query: { deviceId: lock.id } })).rows;
  expect(old).toMatchObject({ endsAt: at, seriesId: held.seriesId });
  expect((await usageOf(lock)).raw).toEqual({ 0: 1, [held.key]: 1 });
  expect((await usageOf(spare)).raw).toEqual({ [await keyOf((swapped.body as { id: string }).id)]: 1 });
});
