import { auditApi, countersApi, usageCorrectionsApi } from '#contracts';
import { METRIC_LISTS, PlacementEntity } from '#database';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rollUp } from '../../apps/api/src/worker/roll-up.js';
import { startApi, type TestApi } from '../support/api.js';
import * as build from '../support/builders.js';
import { COUNTER_METRIC, recordReadings } from '../support/usage.js';

/** No family has a counter yet: a metric of none stands for one, told to the roll-up as what it is (rule U11). */
const LISTS = { ...METRIC_LISTS, counters: [COUNTER_METRIC] };

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

async function placed() {
  const root = await build.municipality(api);
  const unit = await build.node(api, root);
  const device = await build.device(api, unit);
  const placement = await build.placement(api, { device, node: unit });
  return { root, unit, device, placement };
}

const months = async (key: number) => {
  const rows = await api.db.query<{ month: string; count: number; sum: number }[]>(
    `select to_char(month, 'YYYY-MM') as month, sum(count)::int as count, sum(sum)::float8 as sum from usage_month
    where placement_key = $1 group by 1 order by 1`,
    [key],
  );
  return Object.fromEntries(rows.map(({ month, count, sum }) => [month, [count, sum]]));
};
const count = (key: number, ...dates: string[]): Promise<void> =>
  api.db.transaction((tx) =>
    rollUp(
      tx,
      dates.map((day) => ({ placementKey: key, day })),
      LISTS,
    ),
  );
const sums = async (key: number) => {
  const rows = await api.db.query<{ day: string; sum: number; resets: number; flagged: number }[]>(
    'select day::text as day, sum::float8 as sum, resets, flagged from usage_day where placement_key = $1 order by 1',
    [key],
  );
  return Object.fromEntries(rows.map(({ day, sum, resets, flagged }) => [day, [sum, resets, flagged]]));
};

test('rule U11: a delta belongs to the hour and day of the later reading', async () => {
  const of = await placed();
  await recordReadings(api, of, [
    ['2024-05-06T10:00:00Z', 100],
    ['2024-05-06T11:30:00Z', 104],
    ['2024-05-07T10:00:00Z', 110],
  ]);
  await count(of.placement.key, '2024-05-06', '2024-05-07');
  expect(await sums(of.placement.key)).toEqual({ '2024-05-06': [4, 0, 0], '2024-05-07': [6, 0, 0] });
  expect(await months(of.placement.key)).toEqual({ '2024-05': [3, 10] });
});

test('rule U11: a late reading is taken from the next one’s delta, on whatever day that is', async () => {
  const of = await placed();
  await recordReadings(api, of, [
    ['2024-05-06T10:00:00Z', 100],
    ['2024-05-09T10:00:00Z', 110],
  ]);
  await count(of.placement.key, '2024-05-06', '2024-05-09');
  await recordReadings(api, of, [['2024-05-07T10:00:00Z', 103]]);
  await count(of.placement.key, '2024-05-07');
  expect(await sums(of.placement.key)).toEqual({
    '2024-05-06': [0, 0, 0],
    '2024-05-07': [3, 0, 0],
    '2024-05-09': [7, 0, 0],
  });
});

test('rule U11: a fall is a reset once the next reading confirms it, also on the day after', async () => {
  const of = await placed();
  await recordReadings(api, of, [
    ['2024-05-06T10:00:00Z', 100],
    ['2024-05-06T20:00:00Z', 4],
  ]);
  await count(of.placement.key, '2024-05-06');
  expect(await sums(of.placement.key)).toEqual({ '2024-05-06': [0, 0, 1] });
  await recordReadings(api, of, [['2024-05-07T10:00:00Z', 6]]);
  await count(of.placement.key, '2024-05-07');
  expect(await sums(of.placement.key)).toEqual({ '2024-05-06': [4, 1, 0], '2024-05-07': [2, 0, 0] });
});

test('rule U11: what cannot be split between placements is nobody’s, and flagged', async () => {
  const { unit, device, placement } = await placed();
  const swap = new Date('2024-05-06T12:00:00Z');
  await api.db.manager.update(PlacementEntity, { id: placement.id }, { endsAt: swap });
  const second = await build.placement(api, { device, node: unit }, { startsAt: swap });
  await recordReadings(api, { device, placement }, [['2024-05-06T10:00:00Z', 100]]);
  await recordReadings(api, { device, placement: second }, [['2024-05-06T14:00:00Z', 107]]);
  await count(placement.key, '2024-05-06');
  await count(second.key, '2024-05-06');
  expect([await sums(placement.key), await sums(second.key)]).toEqual([
    { '2024-05-06': [0, 0, 0] },
    { '2024-05-06': [0, 0, 0] },
  ]);
  const none = 'select delta::float8 as delta, unsplit from counter_hour where placement_key = 0 and device_key = $1';
  expect(await api.db.query(none, [device.key])).toEqual([{ delta: 7, unsplit: 1 }]);
  // A closing reading at the swap splits it: 5 before, 2 after.
  await recordReadings(api, { device, placement: second }, [[swap.toISOString(), 105]]);
  await count(second.key, '2024-05-06');
  expect([await sums(placement.key), await sums(second.key)]).toEqual([
    { '2024-05-06': [5, 0, 0] },
    { '2024-05-06': [2, 0, 0] },
  ]);
  expect(await api.db.query(none, [device.key])).toEqual([]);
});

test('rule U11: the hours do not depend on the order in which days are counted', async () => {
  const of = await placed();
  const readings = Array.from({ length: 60 }, (_, index): [string, number] => [
    new Date(Date.parse('2024-05-06T00:00:00Z') + index * 3_900_000).toISOString(),
    [7, 3, 9, 1, 12, 12, 5][index % 7]! + (index % 11),
  ]);
  await recordReadings(api, of, readings);
  const dates = ['2024-05-06', '2024-05-07', '2024-05-08'];
  await count(of.placement.key, ...dates);
  const hours = 'select * from counter_hour where device_key = $1 order by hour, placement_key';
  const whole = await api.db.query<unknown[]>(hours, [of.device.key]);
  await api.db.query('delete from counter_hour where device_key = $1', [of.device.key]);
  for (const day of dates.toReversed()) await count(of.placement.key, day);
  expect(await api.db.query(hours, [of.device.key])).toEqual(whole);
  expect(whole.length).toBeGreaterThan(40);
});

test('rule U8: a unit sees of a device only the readings of when it stood there, and no value of elsewhere', async () => {
  const { root, unit: owning, device, placement: first } = await placed();
  const [moved, left] = [new Date('2024-05-06T12:00:00Z'), new Date('2024-05-07T12:00:00Z')];
  const other = await build.node(api, root);
  await api.db.manager.update(PlacementEntity, { id: first.id }, { endsAt: moved });
  const second = await build.placement(api, { device, node: other }, { startsAt: moved, endsAt: left });
  const third = await build.placement(api, { device, node: owning }, { startsAt: left });
  await recordReadings(api, { device, placement: first }, [
    ['2024-05-06T10:00:00Z', 100],
    ['2024-05-06T11:00:00Z', 4], // a fall, and the next confirms it
    ['2024-05-06T11:30:00Z', 5],
  ]);
  await recordReadings(api, { device, placement: second }, [
    ['2024-05-06T14:00:00Z', 9], // compared with what was read at the first unit
    ['2024-05-06T15:00:00Z', 2],
    ['2024-05-06T16:00:00Z', 3],
  ]);
  await recordReadings(api, { device, placement: third }, [
    ['2024-05-07T14:00:00Z', 1],
    ['2024-05-07T15:00:00Z', 1.5],
  ]);
  for (const { key } of [first, second, third]) await count(key, '2024-05-06', '2024-05-07');
  const params = { id: device.id };
  const seenAt = async (node: typeof other) => {
    const technician = api.as(await build.user(api, { role: 'technician', node }));
    const { rows } = await technician.call(countersApi.list, { params });
    return rows.map(({ at, value, previous }) => [at.slice(5, 16), value, previous]);
  };
  const all = [
    ['05-07T14:00', 1, 3],
    ['05-06T15:00', 2, 9],
    ['05-06T14:00', 9, 5],
    ['05-06T11:00', 4, 100],
  ];
  expect(await seenAt(owning)).toEqual(all);
  expect(await seenAt(root)).toEqual(all);
  expect(await seenAt(other)).toEqual([
    ['05-06T15:00', 2, 9],
    ['05-06T14:00', 9, null],
  ]);
});

test('rule U7: a reading is judged by a person, with a reason, and stays as it is', async () => {
  const of = await placed();
  await recordReadings(api, of, [
    ['2024-05-06T10:00:00Z', 100],
    ['2024-05-06T11:00:00Z', 9999],
    ['2024-05-06T12:00:00Z', 101],
    ['2024-05-06T13:00:00Z', 102],
  ]);
  await count(of.placement.key, '2024-05-06');
  expect(await sums(of.placement.key)).toEqual({ '2024-05-06': [10_001, 1, 0] }); // 9,899 + 101 + 1: a spike
  const technician = api.as(await build.user(api, { role: 'technician', node: of.unit }));
  const params = { id: of.device.id };
  const { rows } = await technician.call(countersApi.list, { params });
  expect(rows).toMatchObject([
    { at: '2024-05-06T12:00:00.000Z', value: 101, previous: 9999, kind: 'reset', decision: null },
  ]);
  const body = {
    metric: COUNTER_METRIC,
    at: '2024-05-06T11:00:00Z',
    readingId: '2',
    decided: 'glitch',
    reason: 'Felavläst',
  } as const;
  await technician.call(countersApi.correct, { params, body });
  await count(of.placement.key, '2024-05-06');
  expect(await sums(of.placement.key)).toEqual({ '2024-05-06': [2, 0, 1] }); // 100 → 101 → 102
  const raw = 'select value from usage where device_key = $1 order by at';
  expect(await api.db.query(raw, [of.device.key])).toEqual([100, 9999, 101, 102].map((value) => ({ value })));
  const admin = api.as(await build.user(api, { role: 'admin', node: of.root }));
  const { rows: log } = await admin.call(auditApi.list, { query: { subjectId: of.device.id } });
  expect(log[0]).toMatchObject({
    action: 'device.correct_counter',
    reason: 'Felavläst',
    changes: { decided: 'glitch', value: 9999 },
  });
  const reader = api.as(await build.user(api, { role: 'manager', node: of.unit }));
  expect((await reader.raw(countersApi.correct, { params, body })).status).toBe(403);
  expect((await technician.raw(countersApi.correct, { params, body: { ...body, readingId: '77' } })).status).toBe(404);
});

test('rule U7: a reading that is set aside is in no difference, and in them again when it is taken back', async () => {
  const of = await placed();
  await recordReadings(api, of, [
    ['2024-05-06T10:00:00Z', 100],
    ['2024-05-06T11:00:00Z', 107],
    ['2024-05-07T10:00:00Z', 110],
  ]);
  await count(of.placement.key, '2024-05-06', '2024-05-07');
  const technician = api.as(await build.user(api, { role: 'technician', node: of.unit }));
  const decide = (decided: 'set_aside' | 'taken_back') =>
    technician.call(usageCorrectionsApi.correct, {
      params: { id: of.device.id },
      body: { decided, reason: 'Prov', usages: [{ at: '2024-05-06T11:00:00Z', usageId: '2' }] },
    });
  await decide('set_aside');
  await count(of.placement.key, '2024-05-06');
  expect(await sums(of.placement.key)).toEqual({ '2024-05-06': [0, 0, 0], '2024-05-07': [10, 0, 0] });
  await decide('taken_back');
  await count(of.placement.key, '2024-05-06');
  expect(await sums(of.placement.key)).toEqual({ '2024-05-06': [7, 0, 0], '2024-05-07': [3, 0, 0] });
});
