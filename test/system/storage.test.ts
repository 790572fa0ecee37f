import { devicesApi, storageApi } from '#contracts';
import { type OrgNodeEntity, PlacementEntity, reassignPlacements } from '#database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backfillDays } from '../../apps/api/src/worker/roll-up.js';
import { keepNight } from '../../apps/api/src/storage/storage-jobs.js';
import { packEndedWeeks } from '../../apps/api/src/storage/upkeep/pack-weeks.js';
import { findRepeatingIds } from '../../apps/api/src/storage/upkeep/find-repeating-ids.js';
import { startApi, type TestApi } from '../support/api.js';
import * as build from '../support/builders.js';
import { workerAtRest } from '../support/benefit.js';
import { ensurePartition, failure, type GivenUsage, opening, recordUsage } from '../support/usage.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

async function placed(given: { root?: OrgNodeEntity; family?: 'keyless_lock' | 'sleep_robot' } = {}) {
  const root = given.root ?? (await build.municipality(api));
  const unit = await build.node(api, root);
  const product = await build.product(api, unit, { family: given.family ?? 'keyless_lock' });
  const device = await build.device(api, unit, { product });
  const placement = await build.placement(api, { device, node: unit });
  return { root, unit, device, placement };
}

const DAYS = `select day::text as day, dimensions, count, sum::float8 as sum, last_at from usage_day
  where placement_key = $1 order by 1, 2`;
const days = (key: number): Promise<{ day: string; dimensions: string; count: number; sum: number }[]> =>
  api.db.query(DAYS, [key]);
const counts = async (key: number) =>
  Object.fromEntries((await days(key)).map(({ day, dimensions, count }) => [`${day} ${dimensions}`, count]));
const months = async (key: number) => {
  const rows = await api.db.query<{ month: string; count: number; sum: number }[]>(
    `select to_char(month, 'YYYY-MM') as month, sum(count)::int as count, sum(sum)::float8 as sum from usage_month
    where placement_key = $1 group by 1 order by 1`,
    [key],
  );
  return Object.fromEntries(rows.map(({ month, count, sum }) => [month, [count, sum]]));
};
const recorded = async (of: Parameters<typeof recordUsage>[1], usages: GivenUsage[]): Promise<void> => {
  await recordUsage(api, of, usages);
  await workerAtRest(api);
};

describe('days and months', () => {
  test('rule U4: are the municipality’s, also when its clock changes', async () => {
    const of = await placed();
    // 2024-03-31 has 23 hours in Stockholm: it begins at 23:00Z the evening before and ends at 22:00Z.
    await recorded(
      of,
      ['2024-03-30T22:59:59Z', '2024-03-30T23:00:00Z', '2024-03-31T21:59:59Z', '2024-03-31T22:00:00Z'].map(opening),
    );
    expect(await counts(of.placement.key)).toEqual({
      '2024-03-30 success|staff': 1,
      '2024-03-31 success|staff': 2,
      '2024-04-01 success|staff': 1,
    });
    expect(await months(of.placement.key)).toEqual({ '2024-03': [3, 3], '2024-04': [1, 1] });
  });

  test('rule U4: a night session belongs to the evening’s date and month', async () => {
    const of = await placed({ family: 'sleep_robot' });
    const night = (at: string, value: number): GivenUsage => ({
      at,
      metric: 'session',
      value,
      attributes: { mode: 'music' },
    });
    await recorded(of, [
      night('2024-05-31T21:00:00Z', 600),
      night('2024-06-01T03:00:00Z', 900),
      night('2024-06-01T21:00:00Z', 60),
    ]);
    expect(await counts(of.placement.key)).toEqual({ '2024-05-31 music': 2, '2024-06-01 music': 1 });
    expect(await months(of.placement.key)).toEqual({ '2024-05': [2, 1500], '2024-06': [1, 60] }); // 600 + 900 s
  });

  test('rule U13: carry the dimensions that the family declares', async () => {
    const of = await placed();
    await recorded(of, [opening('2024-05-06T10:00:00Z'), failure('2024-05-06T10:01:00Z')]);
    expect(await counts(of.placement.key)).toEqual({ '2024-05-06 failure|staff': 1, '2024-05-06 success|staff': 1 });
  });

  test('are the same whatever comes late, and in however many pieces', async () => {
    const of = await placed();
    for (const at of ['2024-05-06T15:00:00Z', '2024-05-06T09:00:00Z', '2024-05-07T09:00:00Z', '2024-05-06T12:30:00Z']) {
      await recorded(of, [opening(at)]);
    }
    expect(await days(of.placement.key)).toMatchObject([
      {
        day: '2024-05-06',
        count: 3,
        sum: 3,
        last_at: new Date('2024-05-06T15:00:00Z'),
      },
      { day: '2024-05-07', count: 1, sum: 1 },
    ]);
    expect(await months(of.placement.key)).toEqual({ '2024-05': [4, 4] });
  });

  test('leave gauges out', async () => {
    const of = await placed();
    await recorded(of, [opening('2024-05-06T10:00:00Z'), { at: '2024-05-06T10:00:00Z', metric: 'battery', value: 80 }]);
    expect(await days(of.placement.key)).toHaveLength(1);
  });

  test('follow a correction of placements, and leave the place that the usage left (rules U8, D7)', async () => {
    const { unit, device, placement } = await placed();
    await recorded(
      { device, placement },
      ['2024-05-06T10:00:00Z', '2024-05-06T20:00:00Z', '2024-05-07T10:00:00Z'].map(opening),
    );
    await api.db.manager.update(PlacementEntity, { id: placement.id }, { endsAt: new Date('2024-05-06T12:00:00Z') });
    const second = await build.placement(api, { device, node: unit }, { startsAt: new Date('2024-05-06T12:00:00Z') });
    await api.db.transaction((tx) =>
      reassignPlacements(tx, device.key, { from: new Date('2024-05-06T12:00:00Z'), to: null }),
    );
    await workerAtRest(api);
    expect(await counts(placement.key)).toEqual({ '2024-05-06 success|staff': 1 });
    expect(await counts(second.key)).toEqual({ '2024-05-06 success|staff': 1, '2024-05-07 success|staff': 1 });
    expect([await months(placement.key), await months(second.key)]).toEqual([
      { '2024-05': [1, 1] },
      { '2024-05': [2, 2] },
    ]);
  });

  test('where the zone is no whole hours from UTC, an hour belongs to the day in which it begins', async () => {
    const of = await placed({ root: await build.municipality(api, { timeZone: 'Asia/Kolkata' }) });
    // +05:30: the day begins at 18:30Z. The hour from 18:00Z begins at 23:30, the day before.
    await recorded(of, [
      opening('2024-05-06T18:10:00Z'),
      opening('2024-05-06T18:40:00Z'),
      opening('2024-05-06T19:00:00Z'),
    ]);
    expect(await counts(of.placement.key)).toEqual({ '2024-05-06 success|staff': 2, '2024-05-07 success|staff': 1 });
  });

  test('are made for what was stored before there were any', async () => {
    const of = await placed();
    await recorded(of, ['2024-05-06T10:00:00Z', '2024-06-07T10:00:00Z'].map(opening));
    await api.db.query('delete from usage_day');
    await api.db.query('delete from usage_month');
    await api.db.query('update storage_state set backfilled_to = 0');
    let rounds = 0;
    while (await api.db.transaction((tx) => backfillDays(tx))) rounds += 1;
    expect(rounds).toBeGreaterThan(0);
    expect(await months(of.placement.key)).toEqual({ '2024-05': [1, 1], '2024-06': [1, 1] });
    expect(await api.db.query('select backfilled_to from storage_state')).toEqual([{ backfilled_to: null }]);
  });
});

describe('ids that repeat (rule U2)', () => {
  test('are found at night and told in the device’s view', async () => {
    const [restarting, sound, untold, chance] = [await placed(), await placed(), await placed(), await placed()];
    const now = new Date('2024-05-07T02:00:00Z');
    const store = (
      ...[of, at, id, flags = 0]: [Awaited<ReturnType<typeof placed>>, string, number, number?]
    ): Promise<unknown> =>
      api.db.query(
        `insert into usage (at, message_key, received_at, value, device_key, metric, flags) values ($1::timestamptz, $2, $1::timestamptz, 1, $3, 1, $4)`,
        [at, id, of.device.key, flags],
      );
    await api.db.transaction((tx) => ensurePartition(tx, new Date('2024-05-06T10:00:00Z')));
    for (const hour of [10, 15, 20]) {
      const at = `2024-05-06T${hour}:00:00Z`;
      await store(restarting, at, 1);
      await store(sound, at, hour);
      await store(untold, at, 1, 2); // neither id nor time: its key is of the content
      await store(chance, at, Math.max(hour, 15)); // two of all keys may be the same by chance
    }
    for (const { root } of [restarting, sound, untold, chance]) {
      await findRepeatingIds(api.db, { id: root.id, zone: 'Europe/Stockholm' }, { now });
    }
    const told = async (of: Awaited<ReturnType<typeof placed>>): Promise<boolean> => {
      const technician = api.as(await build.user(api, { role: 'technician', node: of.unit }));
      return (await technician.call(devicesApi.get, { params: { id: of.device.id } })).signal?.idsRepeat === true;
    };
    const all = await Promise.all([restarting, sound, untold, chance].map(told));
    expect(all).toEqual([true, false, false, false]);
    expect(await findRepeatingIds(api.db, { id: restarting.root.id, zone: 'Europe/Stockholm' }, { now })).toBe(0);
  });
});

test('a week’s indexes are packed once when it has ended, also after a packing that was interrupted', async () => {
  const of = await placed();
  await recorded(of, [opening('2024-07-10T10:00:00Z')]); // its week ends on the 15th
  const pack = (now: string) => packEndedWeeks(api.db, { now: new Date(now) });
  expect(await pack('2024-07-16T00:00:00Z')).not.toContain('usage_20240708');
  await api.db.query('create index usage_20240708_x_ccnew on usage_20240708 (received_at)');
  await api.db.query(`update pg_index set indisvalid = false where indexrelid = 'usage_20240708_x_ccnew'::regclass`);
  expect(await pack('2024-07-18T00:00:00Z')).toContain('usage_20240708');
  expect(await pack('2024-07-18T00:00:00Z')).toEqual([]);
  expect(await api.db.query(`select to_regclass('usage_20240708_x_ccnew') as left`)).toEqual([{ left: null }]);
  await recorded(of, [opening('2024-07-10T11:00:00Z')]);
  expect(await counts(of.placement.key)).toEqual({ '2024-07-10 success|staff': 2 });
});

test('a night makes room for the next hours where this day’s changes have left some', async () => {
  const vacuums = async (): Promise<number> => {
    const [row] = await api.db.query<{ count: number }[]>(
      `select vacuum_count::int as count from pg_stat_user_tables where relname = 'usage_hour'`,
    );
    return row?.count ?? 0;
  };
  const before = await vacuums();
  const { id: rootId } = await build.municipality(api);
  const given = { db: api.db, now: () => new Date('2024-01-01T01:00:00Z'), get: () => undefined as never };
  await keepNight({ rootId }, { ...given, signal: new AbortController().signal });
  await expect.poll(vacuums).toBeGreaterThan(before);
});

test('a night that is given up is no night done: it is tried again', async () => {
  const { id: rootId } = await build.municipality(api);
  const given = { db: api.db, now: () => new Date('2024-01-01T01:00:00Z'), get: () => undefined as never };
  await expect(keepNight({ rootId }, { ...given, signal: AbortSignal.abort() })).rejects.toThrow('aborted');
});

test('tells what is stored, for how long, and which of one’s own trials hold raw', async () => {
  const [here, elsewhere] = [await placed(), await placed()];
  const own = await build.trial(api, here.unit);
  const foreign = await build.trial(api, elsewhere.unit);
  for (const [of, trial] of [
    [here, own],
    [elsewhere, foreign],
  ] as const) {
    const device = await build.device(api, of.unit);
    await build.placement(api, { device, node: of.unit }, { trial });
  }
  await recorded(here, [opening('2024-05-06T10:00:00Z')]);
  await api.db.query('analyze usage');
  const auditor = api.as(await build.user(api, { role: 'auditor', node: here.root }));
  const view = await auditor.call(storageApi.read);
  const partition = view.partitions.find(({ name }) => name === 'usage_20240506');
  expect(partition).toMatchObject({
    from: '2024-05-06T00:00:00.000Z',
    to: '2024-05-13T00:00:00.000Z',
    isClosed: false,
  });
  expect(partition!.bytesPerRow).toBeGreaterThan(50);
  expect(view.held.map(({ code, rule }) => [code, rule])).toEqual([[own.code, 'undecided']]);
  expect(view.tables.map(({ name }) => name)).toContain('usage_day');
  expect(JSON.stringify(view)).not.toContain(foreign.code);
  const manager = api.as(await build.user(api, { role: 'manager', node: here.unit }));
  expect((await manager.raw(storageApi.read)).status).toBe(403);
});
