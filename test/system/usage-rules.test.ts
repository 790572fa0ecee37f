import { upwardTopic, USAGE_FLAGS } from '#contracts';
import { dataSourceOptions, LOCK_CUSTODY, partitionName } from '#database';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { closeOverdueSessions } from '../../apps/api/src/storage/upkeep/close-sessions.js';
import { retainRaw } from '../../apps/api/src/storage/retention/retain-raw.js';
import { verifyRollUps } from '../../apps/api/src/storage/verify/verify-roll-ups.js';
import { rollUp } from '../../apps/api/src/worker/roll-up.js';
import { startCounters } from '../../apps/ingest/src/counters.js';
import { beat } from '../../apps/ingest/src/heartbeat.js';
import type { Ingest } from '../../apps/ingest/src/ingest.js';
import { makeNeededPartitions, makePartitions, mondayOf } from '../../apps/ingest/src/partitions.js';
import { createInventory, startIngest, type Inventory, type TestDevice } from '../support/ingest.js';
import { connect, publish } from '../support/mqtt.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

let inventory: Inventory;
let ingest: Ingest;
let db: DataSource;
beforeAll(async () => {
  inventory = await createInventory();
  ingest = await startIngest(inventory);
  db = await new DataSource(dataSourceOptions(inventory.url, 3)).initialize();
});
afterAll(async () => {
  await ingest?.stop();
  await db?.destroy();
  await inventory?.drop();
});

async function send(device: TestDevice, ...payloads: unknown[]): Promise<void> {
  const client = await connect({ ...device, port: ingest.port });
  for (const payload of payloads) await publish(client, upwardTopic(device.publicId, 'usage'), payload);
  await client.endAsync();
}
const stored = ({ key }: TestDevice) =>
  inventory.rows<{ at: Date; value: number | null; flags: number; placement_key: number | null }>(
    'select at, value, flags, placement_key from usage where device_key = $1 order by at',
    [key],
  );
const counted = async ({ key }: TestDevice): Promise<number[]> => {
  const sql = `select coalesce(sum(count), 0)::int as count, coalesce(sum(sum), 0)::float8 as sum from usage_hour where device_key = $1`;
  const [row] = await inventory.rows<{ count: number; sum: number }>(sql, [key]);
  return [row!.count, row!.sum];
};
const refusals = async ({ key }: TestDevice): Promise<string[]> =>
  (
    await inventory.rows<{ code: string }>('select code from rejected_message where device_key = $1 order by id', [key])
  ).map(({ code }) => code);

const now = Date.now();
const unlock = (given: object) => ({ metric: 'unlock', attributes: { result: 'success' }, ...given });

describe('rule U1: the duplicate key', () => {
  test.each<[string, object[], number]>([
    [
      'is device, time and id',
      [
        { id: 'a', at: now },
        { id: 'a', at: new Date(now).toISOString() },
        { id: 'b', at: now },
      ],
      2,
    ],
    ['without an id is the content', [{ at: now }, { at: now }, { at: now + 1 }], 2],
    ['without a time is the id, by the ledger', [{ id: 'a' }, { id: 'a' }, { id: 'b' }], 2],
  ])('%s', async (_name, usages, rows) => {
    const device = await inventory.addDevice();
    await send(device, ...usages.map(unlock));
    expect([(await stored(device)).length, (await counted(device))[0]]).toEqual([rows, rows]);
  });

  test('with neither, a repeat cannot be told: each is a usage, and says so', async () => {
    const device = await inventory.addDevice();
    await send(device, unlock({}), unlock({}));
    const flags = (await stored(device)).map((row) => row.flags);
    expect(flags).toEqual([1, 2].map(() => USAGE_FLAGS.receivedTime | USAGE_FLAGS.repeatsNotDetectable));
  });
});

describe('rule U2: an id', () => {
  test('used again at the same time for something else is refused, never dropped in silence', async () => {
    const device = await inventory.addDevice();
    await send(device, unlock({ id: 'a', at: now }), unlock({ id: 'a', at: now, attributes: { result: 'failure' } }));
    expect([(await stored(device)).length, await refusals(device)]).toEqual([1, ['id_reused']]);
  });

  test('used again at another time is another usage', async () => {
    const device = await inventory.addDevice();
    await send(device, unlock({ id: '1', at: now - HOUR_MS }), unlock({ id: '1', at: now }));
    expect([(await stored(device)).length, await refusals(device)]).toEqual([2, []]);
  });
});

describe('rule U3: a session', () => {
  const LONGEST_S = 14_400; // a smart screen's
  const begin = now - 5 * HOUR_MS;
  const call = (given: object) => ({
    id: 'samtal',
    metric: 'call',
    at: begin,
    attributes: { with: 'relative' },
    ...given,
  });
  const screen = async () => {
    const device = await inventory.addDevice({ family: 'smart_screen' });
    return { device, placement: await inventory.place(device) };
  };

  test('that is never ended is closed at its family’s longest as estimated; a late real end replaces it', async () => {
    const { device, placement } = await screen();
    await send(device, call({}));
    expect([await stored(device), await counted(device)]).toMatchObject([
      [{ value: null, flags: USAGE_FLAGS.open }],
      [0, 0],
    ]);
    expect(await closeOverdueSessions(db, new Date(begin + LONGEST_S * 1000 - 1))).toBe(0);
    await inventory.pool.query('delete from dirty_day');
    expect(await closeOverdueSessions(db, new Date(now))).toBe(1);
    expect(await closeOverdueSessions(db, new Date(now))).toBe(0);
    expect([await stored(device), await counted(device)]).toMatchObject([
      [{ value: LONGEST_S, flags: USAGE_FLAGS.estimated }],
      [1, LONGEST_S],
    ]);
    expect(await inventory.rows('select placement_key from dirty_day')).toEqual([{ placement_key: placement }]);

    await send(device, call({})); // the start once more changes nothing
    await send(device, call({ until: begin + 600_000 }));
    expect([await stored(device), await counted(device)]).toMatchObject([[{ value: 600, flags: 0 }], [1, 600]]);
    await send(device, call({ until: begin + 700_000 }));
    expect(await refusals(device)).toEqual(['id_reused']);
  });

  test('counts in the hour of its start, once closed, whatever the number of others that are', async () => {
    const devices = await Promise.all(Array.from({ length: 3 }, screen));
    for (const { device } of devices) {
      await send(
        device,
        Array.from({ length: 150 }, (_, index) => call({ id: `${index}`, at: begin + index * 1000 })),
      );
    }
    expect(await closeOverdueSessions(db, new Date(now))).toBe(450); // 3 × 150, in rounds of 200
    for (const { device } of devices) {
      expect(await counted(device)).toEqual([150, 150 * LONGEST_S]);
      const verified = await verifyRollUps(db, { now: new Date(now), device: device.publicId }, () => undefined);
      expect(verified.differences).toBe(0);
    }
  });

  test('holds nobody up while none is overdue, and is looked at again once batches are shut out', async () => {
    const { device } = await screen();
    await send(device, call({}));
    const batch = await inventory.pool.connect();
    try {
      await batch.query(`begin; ${LOCK_CUSTODY.text}`);
      expect(await closeOverdueSessions(db, new Date(begin))).toBe(0); // does not wait for the batch
      const closing = closeOverdueSessions(db, new Date(now));
      const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query = $1`;
      await vi.waitFor(async () => expect(await inventory.rows(waiting, [LOCK_CUSTODY.text])).toHaveLength(1), 5_000);
      await batch.query(`update usage set value = 600, until = at + interval '10 minutes', flags = 0
        where device_key = ${device.key}; commit`);
      expect(await closing).toBe(0);
    } finally {
      batch.release(true);
    }
    expect(await stored(device)).toMatchObject([{ value: 600, flags: 0 }]);
  });

  test('that ends before it starts, or lasts otherwise than it says, is refused', async () => {
    const { device } = await screen();
    await send(device, call({ until: begin - 1 }), call({ until: begin + 60_000, value: 600 }));
    expect([await stored(device), await refusals(device)]).toEqual([[], ['session_times', 'session_times']]);
  });
});

test('rule U5: what is too far ahead or older than raw is kept is refused; ours is the clock that decides', async () => {
  const device = await inventory.addDevice();
  const ahead = [4.5, 5.5].map((minutes) => unlock({ id: `${minutes}`, at: Date.now() + minutes * MINUTE_MS }));
  await send(device, ...ahead, unlock({ id: 'old', at: now - 120 * DAY_MS }));
  expect([(await stored(device)).length, await refusals(device)]).toEqual([1, ['time_in_future', 'time_too_old']]);
});

describe('rule U6: partitions', () => {
  test('under two weeks ahead are degraded, and said so', async () => {
    const inbox = { waiting: 0, failing: 0, oldestSeconds: null };
    const given = { slot: 7, session: null, counters: startCounters(), waiting: 0, inbox };
    const stateWith = async (weeks: number): Promise<unknown> => {
      await beat(inventory.pool, { ...given, range: { fromMs: 0, toMs: Date.now() + weeks * 7 * DAY_MS + HOUR_MS } });
      const [row] = await inventory.rows<{ state: string }>(
        `select status ->> 'state' as state from service_heartbeat where service = 'ingest-7'`,
      );
      return row?.state;
    };
    expect([await stateWith(2), await stateWith(1)]).toEqual(['ok', 'degraded']);
  });

  test('that are missing are made when a row finds none, with every index of the others', async () => {
    const week = mondayOf(now);
    await inventory.pool.query(`drop table ${partitionName(week)}`);
    const device = await inventory.addDevice();
    await send(device, unlock({ id: 'a', at: now }));
    expect(await stored(device)).toHaveLength(1);
    const indexes = (name: string) =>
      inventory.rows(
        `select regexp_replace(indexdef, 'INDEX \\S+ ON \\S+', '') as made from pg_indexes where tablename = $1 order by 1`,
        [name],
      );
    const made = await indexes(partitionName(week));
    expect(made).toEqual(await indexes(partitionName(week + 7 * DAY_MS)));
    expect(JSON.stringify(made)).toContain('& 4) <> 0'); // the open sessions
  });

  test('that retention has closed are refused by ingest and never made again', async () => {
    const old = now - 90 * DAY_MS;
    const later = now + 7 * DAY_MS;
    const closed = await retainRaw(db, { now: new Date(later), dryRun: false });
    expect(closed).toMatchObject([{ kind: 'raw_closed' }]);
    const range = await makeNeededPartitions(inventory.pool, later);
    expect(range.fromMs).toBe(mondayOf(later - 90 * DAY_MS));
    await retainRaw(db, { now: new Date(later + 3 * HOUR_MS), dryRun: false });
    await makePartitions(inventory.pool, [old]);
    expect(await inventory.rows('select to_regclass($1) as made', [partitionName(mondayOf(old))])).toEqual([
      { made: null },
    ]);
    const device = await inventory.addDevice();
    await ingest.stop();
    ingest = await startIngest(inventory);
    // Ingest still makes what its own clock asks for, but nothing of before what was closed.
    await send(device, unlock({ id: 'a', at: range.fromMs - 1 }), unlock({ id: 'b', at: range.fromMs }));
    expect([(await stored(device)).length, await refusals(device)]).toEqual([1, ['time_too_old']]);
  });
});

test('rule U8: usage belongs to the placement at its event time, unplaced where there is none, in no day', async () => {
  const device = await inventory.addDevice();
  const swap = now - 2 * HOUR_MS;
  const first = await inventory.place(device, { from: new Date(now - 3 * HOUR_MS), to: new Date(swap) });
  const second = await inventory.place(device, { from: new Date(swap), unit: 1 });
  await send(
    device,
    ...[-240, -150, -120, -30].map((minutes) => unlock({ id: `${minutes}`, at: now + minutes * MINUTE_MS })),
  );
  expect((await stored(device)).map(({ placement_key }) => placement_key)).toEqual([null, first, second, second]);
  const marks = await inventory.rows<{ placement_key: number; day: string }>(
    `select placement_key, day::text as day from dirty_day where placement_key = any($1)`,
    [[first, second]],
  );
  await db.transaction((tx) =>
    rollUp(
      tx,
      marks.map(({ placement_key, day }) => ({ placementKey: placement_key, day })),
    ),
  );
  const days = await inventory.rows(
    'select placement_key, sum(count)::int as count from usage_day where placement_key = any($1) group by 1 order by 1',
    [[0, first, second]],
  );
  expect(days).toEqual([
    { placement_key: first, count: 1 },
    { placement_key: second, count: 2 },
  ]);
});

test('rule U13: roll-ups carry what the family declares for its rules, and nothing else', async () => {
  const device = await inventory.addDevice();
  const attributes = { result: 'success', actor_role: 'staff', visit: 'planned', name: 'Anna' };
  await send(device, unlock({ id: 'a', at: now, attributes }));
  expect(await inventory.rows('select dimensions from usage_hour where device_key = $1', [device.key])).toEqual([
    { dimensions: 'success|staff' },
  ]);
  expect(await inventory.rows('select attributes from usage where device_key = $1', [device.key])).toEqual([
    { attributes: { result: 'success', actor_role: 'staff', visit: 'planned' } },
  ]);
});
