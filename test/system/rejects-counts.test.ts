import { rejectsApi } from '#contracts';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { purgeRejects } from '../../apps/api/src/inventory/rejects/purge-rejects.js';
import { type ApiWithIngest, startApiWithIngest } from '../support/api-with-ingest.js';
import { device, node, placement, type TestDevice, user } from '../support/builders.js';
import { placedLock, rejectsOf, sayUsage, session } from '../support/rejects.js';

let system: ApiWithIngest;
beforeAll(async () => (system = await startApiWithIngest()));
afterAll(() => system.close());

const place = () => placedLock(system.api);
const say = (device: TestDevice, content: unknown) => sayUsage(system, device, content);

describe('rejects at large', () => {
  async function count(lock: { key: number }, given: { hour: string; code: string; count: number }): Promise<void> {
    await system.api.db.query('insert into rejected_count (hour, device_key, code, count) values ($1, $2, $3, $4)', [
      given.hour,
      lock.key,
      given.code,
      given.count,
    ]);
  }

  test('are grouped: how many of each code, from how many devices, since when', async () => {
    const { unit, kind, lock, technician } = await place();
    const second = await device(system.api, unit);
    await count(lock, { hour: '2026-11-10T08:00:00Z', code: 'unknown_metric', count: 400 });
    await count(second, { hour: '2026-11-10T09:00:00Z', code: 'unknown_metric', count: 12 });
    await count(lock, { hour: '2026-11-10T23:00:00Z', code: 'schema', count: 3 });
    const query = { from: '2026-11-10T00:30:00Z' };
    expect(await technician.call(rejectsApi.groups, { query })).toEqual([
      {
        code: 'unknown_metric',
        count: 412,
        devices: 2,
        since: '2026-11-10T08:00:00.000Z',
        until: '2026-11-10T09:00:00.000Z',
      },
      {
        code: 'schema',
        count: 3,
        devices: 1,
        since: '2026-11-10T23:00:00.000Z',
        until: '2026-11-10T23:00:00.000Z',
      },
    ]);
    const narrowed = await technician.call(rejectsApi.groups, { query: { ...query, productId: kind.id } });
    expect(narrowed.map((group) => group.count)).toEqual([400, 3]);
  });

  test('are counted over hours, and over the municipality’s days (rule U4)', async () => {
    const { lock, technician } = await place();
    await count(lock, { hour: '2026-11-10T22:00:00Z', code: 'schema', count: 2 }); // 23:00 in Sweden
    await count(lock, { hour: '2026-11-10T23:00:00Z', code: 'schema', count: 5 }); // midnight there
    const query = { from: '2026-11-10T00:00:00Z', to: '2026-11-12T00:00:00Z' };
    const days = await technician.call(rejectsApi.counts, { query: { ...query, step: 'day' } });
    expect(days).toEqual({
      step: 'day',
      rows: [
        { at: '2026-11-09T23:00:00.000Z', count: 2 },
        { at: '2026-11-10T23:00:00.000Z', count: 5 },
      ],
      total: 7,
    });
    const hours = await technician.call(rejectsApi.counts, { query });
    expect(hours.rows.map((row) => row.count)).toEqual([2, 5]);
  });

  test('of a unknown device are an administrator’s, in counts too (rule K3)', async () => {
    const { root, technician } = await place();
    await count({ key: 0 }, { hour: '2026-11-01T08:00:00Z', code: 'unknown_device', count: 9 });
    const admin = system.api.as(await user(system.api, { role: 'admin', node: root }));
    const query = { from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z' };
    expect(await admin.call(rejectsApi.groups, { query })).toMatchObject([{ code: 'unknown_device', count: 9 }]);
    expect(await technician.call(rejectsApi.groups, { query })).toEqual([]);
  });

  test('rule U8: are counted for a unit where the device only stood, for those hours, each once', async () => {
    const { root, lock, technician: owner } = await place();
    const once = await node(system.api, root);
    await system.api.db.query(
      `update placement set starts_at = '2026-11-10T12:00:00Z' where device_id = $1 and ends_at is null`,
      [lock.id],
    );
    for (const [startsAt, endsAt] of [
      ['2026-11-10T08:30:00Z', '2026-11-10T09:15:00Z'],
      ['2026-11-10T09:15:00Z', '2026-11-10T10:00:00Z'],
    ] as const) {
      const times = { startsAt: new Date(startsAt), endsAt: new Date(endsAt) };
      await placement(system.api, { device: lock, node: once }, times);
    }
    const counted = [1, 20, 300, 4_000, 50_000];
    for (const [index, count_] of counted.entries())
      await count(lock, {
        hour: `2026-11-10T${String(7 + index).padStart(2, '0')}:00:00Z`,
        code: 'schema',
        count: count_,
      });
    const query = { from: '2026-11-10T00:00:00Z', to: '2026-11-11T00:00:00Z' };
    const technician = system.api.as(await user(system.api, { role: 'technician', node: once }));
    const hours = await technician.call(rejectsApi.counts, { query });
    expect(hours.rows.map((row) => row.count)).toEqual([20, 300]);
    expect(await technician.call(rejectsApi.groups, { query })).toMatchObject([{ code: 'schema', count: 320 }]);
    expect((await owner.call(rejectsApi.counts, { query })).total).toBe(54_321);
  });

  test('are found by product, unit, time and what a replay made of them', async () => {
    const { unit, kind, lock, technician } = await place();
    const other = await node(system.api, unit, { kind: 'place' });
    const second = await device(system.api, unit);
    await placement(system.api, { device: second, node: other });
    await say(lock, session('a', 1));
    await say(second, 'no json');
    const codes = async (query: object) => (await rejectsOf(technician, query)).map(({ code }) => code);
    expect(await codes({ productId: kind.id })).toEqual(['unknown_metric']);
    expect(await codes({ nodeId: other.id })).toEqual(['not_json']);
    expect(await codes({ nodeId: unit.id })).toHaveLength(2);
    expect(await codes({ to: new Date(Date.now() - 60_000).toISOString() })).toEqual([]);
    expect(await codes({ from: new Date(Date.now() - 60_000).toISOString(), outcome: 'open' })).toHaveLength(2);
    expect(await codes({ outcome: 'taken' })).toEqual([]);
  });
});

test('rule K3: after 14 days rejects are gone with their payloads, and younger ones stay', async () => {
  const { lock, technician } = await place();
  await say(lock, session('a', 1));
  await say(lock, session('b', 1));
  await say(lock, session('c', 1));
  const [waiting, old] = await rejectsOf(technician);
  await system.api.db.query(`update rejected_message set received_at = now() - interval '15 days' where id = any($1)`, [
    [waiting!.id, old!.id],
  ]);
  await system.api.db.query(`update rejected_message set replay_outcome = 'waiting' where id = $1`, [waiting!.id]);
  expect((await purgeRejects(system.api.db.manager)).rejects).toBe(1);
  const left = await rejectsOf(technician);
  expect(left.map(({ id }) => id)).not.toContain(old!.id);
  expect(left).toHaveLength(2);
});

describe('rule K3: a purge goes on to the end', () => {
  const batch = 5_000;

  test('though somebody else removes counts of the same batch meanwhile', async () => {
    const { db } = system.api;
    const { lock } = await place();
    await db.query(
      `insert into rejected_count (hour, device_key, code, count)
      select date_trunc('hour', now()) - interval '30 months' - make_interval(hours => n), $1, 'schema', 1
      from generate_series(0, $2::int) n`,
      [lock.key, batch],
    );
    const other = db.createQueryRunner();
    try {
      await other.startTransaction();
      const oldest = `(select min(hour) from rejected_count where device_key = $1)`;
      await other.query(`delete from rejected_count where device_key = $1 and hour = ${oldest}`, [lock.key]);
      const purging = purgeRejects(db.manager);
      const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%delete from rejected_count%'`;
      await vi.waitFor(async () => expect(await db.query(waiting)).toHaveLength(1), 10_000);
      await other.commitTransaction();
      expect((await purging).counts).toBe(batch);
    } finally {
      await other.release();
    }
    expect(await db.query('select from rejected_count where device_key = $1', [lock.key])).toEqual([]);
  });

  test('past a reject that somebody holds, which goes with the next one', async () => {
    const { db } = system.api;
    const { lock } = await place();
    for (const id of ['a', 'b', 'c']) await say(lock, session(id, 1));
    await db.query(`update rejected_message set received_at = now() - interval '15 days' where device_key = $1`, [
      lock.key,
    ]);
    const other = db.createQueryRunner();
    try {
      await other.startTransaction();
      const oldest = `(select min(id) from rejected_message where device_key = $1)`;
      await other.query(`select from rejected_message where id = ${oldest} for update`, [lock.key]);
      expect((await purgeRejects(db.manager)).rejects).toBe(2);
      await other.rollbackTransaction();
    } finally {
      await other.release();
    }
    expect((await purgeRejects(db.manager)).rejects).toBe(1);
  });
});
