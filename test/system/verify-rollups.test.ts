import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Difference } from '../../apps/api/src/storage/verify/verify.queries.js';
import { describeDifference, describeResult, exitCodeOf } from '../../apps/api/src/storage/verify/report.js';
import { UnknownDevice, type Verification, verifyRollUps } from '../../apps/api/src/storage/verify/verify-roll-ups.js';
import { startApi, type TestApi } from '../support/api.js';
import * as build from '../support/builders.js';
import { workerAtRest } from '../support/benefit.js';
import { runNode } from '../support/run-node.js';
import { failure, opening, recordUsage } from '../support/usage.js';

let api: TestApi;
let device: build.TestDevice;
let key: number;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

/** A lock with usage on two days of two months, and another one that nothing is done to. */
beforeEach(async () => {
  const unit = await build.node(api, await build.municipality(api));
  const other = await build.device(api, unit);
  device = await build.device(api, unit);
  const placement = await build.placement(api, { device, node: unit });
  key = placement.key;
  await recordUsage(
    api,
    { device, placement },
    ['2024-05-06T10:00:00Z', '2024-05-06T10:30:00Z', '2024-06-04T09:00:00Z'].map(opening),
  );
  await recordUsage(api, { device, placement }, [failure('2024-06-04T09:10:00Z')]);
  await recordUsage(api, { device: other, placement: await build.placement(api, { device: other, node: unit }) }, [
    opening('2024-06-04T09:00:00Z'),
  ]);
  await workerAtRest(api);
});

async function verify(asked: Partial<Verification> = {}) {
  const found: Difference[] = [];
  const now = new Date('2024-06-10T00:00:00Z');
  const verified = await verifyRollUps(
    api.db,
    { now, device: device.publicId, ...asked },
    (one) => void found.push(one),
  );
  return { ...verified, found };
}

/** Whatever is wrong is found once at its level, mended, and found no more. */
const PLANTED: [what: string, level: Difference['level'], sql: string][] = [
  ['an hour that counts too much', 'hour', `update usage_hour set count = count + 1 where hour = '2024-05-06 10:00Z'`],
  [
    'an hour whose sum is off by a millionth',
    'hour',
    `update usage_hour set sum = sum + 0.000001 where hour = '2024-05-06 10:00Z'`,
  ],
  [
    'an hour whose last usage is another',
    'hour',
    `update usage_hour set last_at = last_at + interval '1 s' where hour = '2024-05-06 10:00Z'`,
  ],
  ['an hour that is missing', 'hour', `delete from usage_hour where hour = '2024-05-06 10:00Z'`],
  [
    'an hour that nothing was used in',
    'hour',
    `insert into usage_hour (hour, device_key, placement_key, metric, count, sum, last_at)
    select '2024-05-06 12:00Z', device_key, placement_key, metric, 1, 1, '2024-05-06 12:00Z' from usage_hour where hour = '2024-05-06 10:00Z'`,
  ],
  [
    'an hour of other dimensions',
    'hour',
    `update usage_hour set dimensions = 'success|other' where hour = '2024-05-06 10:00Z'`,
  ],
  ['raw usage that no hour has', 'hour', `delete from usage where at = '2024-05-06 10:30Z'`],
  ['a day that counts too little', 'day', `update usage_day set count = count - 1 where day = '2024-05-06'`],
  ['a day that is missing', 'day', `delete from usage_day where day = '2024-05-06'`],
  [
    'a day that nothing was used on',
    'day',
    `insert into usage_day (placement_key, day, metric, dimensions, count, sum)
    select placement_key, '2024-05-08', metric, dimensions, 1, 1 from usage_day where day = '2024-05-06'`,
  ],
  [
    'a day with another last time',
    'day',
    `update usage_day set last_at = last_at - interval '1 s' where day = '2024-05-06'`,
  ],
  [
    'a month that adds up to something else',
    'month',
    `update usage_month set sum = sum + 1 where month = '2024-05-01'`,
  ],
  ['a month that is missing', 'month', `delete from usage_month where month = '2024-05-01'`],
];

/** The statement, for this test's device and placement alone. */
const mine = (sql: string): string => {
  const own = /usage_(day|month)/.test(sql) ? `placement_key = ${key}` : `device_key = ${device.key}`;
  return sql.replace(/ where (?!.* where )/, ` where ${own} and `);
};

test('what nothing is wrong with is equal, exactly', async () => {
  const verified = await verify({ device: undefined });
  expect(verified.found).toEqual([]);
  expect(exitCodeOf(verified)).toBe(0);
  expect(verified.devices).toBeGreaterThan(1);
});

test.each(PLANTED)('%s is found and mended', async (_what, level, sql) => {
  await api.db.query(mine(sql));
  const before = await verify();
  expect(before.found.length).toBeGreaterThan(0);
  expect(before.found[0]).toMatchObject({ level, deviceKey: device.key });
  expect(exitCodeOf(before)).toBe(1);
  const repaired = await verify({ repair: true });
  expect([repaired.differences, exitCodeOf(repaired)]).toEqual([repaired.repaired, 0]);
  expect((await verify({ device: undefined })).found).toEqual([]);
});

test('mending hours mends their days and months with them', async () => {
  await api.db.query(mine(`delete from usage where at = '2024-05-06 10:30Z'`));
  const { found } = await verify({ repair: true });
  expect(found.map(({ level }) => level)).toEqual(['hour']);
  const month = 'select count from usage_month where placement_key = $1 and month = $2';
  expect(await api.db.query(month, [key, '2024-05-01'])).toEqual([{ count: 1 }]);
});

test('only what is asked for is looked at', async () => {
  await api.db.query(mine(`update usage_hour set count = 7 where hour = '2024-05-06 10:00Z'`));
  expect((await verify({ from: '2024-06-01', to: '2024-06-04' })).found).toEqual([]);
  expect((await verify({ from: '2024-05-06', to: '2024-05-06' })).found.length).toBeGreaterThan(0);
  await expect(verify({ device: 'ingen-sådan' })).rejects.toThrow(UnknownDevice);
});

test('a day that waits for the worker is told, and not taken for wrong', async () => {
  await api.db.transaction(async (tx) => {
    // Nothing of this is committed, so that the worker does not see the mark.
    await tx.query(`update usage_day set count = 7 where placement_key = $1 and day = '2024-05-06'`, [key]);
    await tx.query('insert into dirty_day (placement_key, day, claimed) values ($1, $2, false)', [key, '2024-05-06']);
    const found: Difference[] = [];
    const now = new Date('2024-06-10T00:00:00Z');
    const source = { manager: tx } as typeof api.db;
    const verified = await verifyRollUps(
      source,
      { now, device: device.publicId, from: '2024-05-06', to: '2024-05-06' },
      (one) => void found.push(one),
    );
    expect(verified.waitingDays).toBe(1);
    expect(found.filter(({ level }) => level !== 'month')).toEqual([]);
    await tx.query('delete from dirty_day where placement_key = $1', [key]);
    await tx.query(`update usage_day set count = 2 where placement_key = $1 and day = '2024-05-06'`, [key]);
  });
});

test('rule U6: hours whose raw is gone are refused, and what was verified is said', async () => {
  await api.db.query(`update storage_state set raw_kept_from = '2024-05-13', raw_closed_at = now()`);
  try {
    await api.db.query(mine(`update usage_hour set count = 7 where hour = '2024-05-06 10:00Z'`));
    const verified = await verify({ from: '2024-05-01' });
    expect(verified.found.map(({ level }) => level)).toEqual(['day']); // the days can still be compared with the hours
    expect(describeResult(verified)).toContain('hours from 2024-05-13T00:00:00.000Z');
    expect(describeResult(verified)).toContain('Refused: hours before that');
    await api.db.query(mine(`update usage_hour set count = 2 where hour = '2024-05-06 10:00Z'`));
    expect(exitCodeOf(await verify({ from: '2024-05-01' }))).toBe(2);
    expect(exitCodeOf(await verify({ from: '2024-05-13' }))).toBe(0);
  } finally {
    await api.db.query('update storage_state set raw_kept_from = null, raw_closed_at = null');
  }
});

test('as a command: lists what differs, says what was verified, and ends with 1', async () => {
  await api.db.query(mine(`update usage_day set count = 7 where day = '2024-05-06'`));
  const command = async (...args: string[]): Promise<{ code: number | null; text: string }> => {
    const env = { ...process.env, DATABASE_URL: api.databaseUrl };
    const run = runNode('apps/api/src/storage/verify.main.ts', args, { env });
    return { code: (await run.ended).code, text: run.text() };
  };
  const found = await command('rollups', '--device', device.publicId);
  expect(found.text).toContain(
    `day 2024-05-06, device ${device.key}, placement ${key}, unlock (success|staff): should be 2 adding up to 2`,
  );
  expect(found.code).toBe(1);
  expect((await command('rollups', '--device', device.publicId, '--repair')).code).toBe(0);
  expect((await command('rollups', '--from', 'i går')).code).toBe(2);
});

test('a difference is one readable line', () => {
  const of = {
    level: 'hour',
    deviceKey: 3,
    placementKey: 0,
    metric: 1,
    dimensions: '',
    at: '2024-05-06T10:00:00.000Z',
  } as const;
  expect(describeDifference({ ...of, expected: null, found: { count: 1, sum: '1' } })).toBe(
    'hour 2024-05-06T10:00:00.000Z, device 3, unplaced, unlock: should be none, is 1 adding up to 1',
  );
});
