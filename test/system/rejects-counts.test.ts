import { rejectsApi } from '#contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
