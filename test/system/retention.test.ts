import { storageApi } from '#contracts';
import { markTrialDays, type OrgNodeEntity, TrialStageChangeEntity } from '#database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { releaseHeld } from '../../apps/api/src/storage/retention/release-held.js';
import { retainRaw } from '../../apps/api/src/storage/retention/retain-raw.js';
import { startApi, type TestApi } from '../support/api.js';
import { lockInTrial, measurementRule, unitsByDay, workerAtRest } from '../support/benefit.js';
import * as build from '../support/builders.js';
import { runNode } from '../support/run-node.js';
import { opening, recordUsage } from '../support/usage.js';

const HOUR_MS = 3_600_000;
/** Its week ends 2026-03-09; 90 days later is 2026-06-07. */
const OLD = '2026-03-04T10:00:00Z';
const OLD_WEEK = 'usage_20260302';
const YOUNG = '2026-05-06T10:00:00Z';
const NIGHT = new Date('2026-06-08T01:00:00Z');
const hoursLater = (hours: number): Date => new Date(NIGHT.getTime() + hours * HOUR_MS);

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const partitions = async (): Promise<string[]> =>
  (
    await api.db.query<{ name: string }[]>(`select inhrelid::regclass::text as name from pg_inherits
    where inhparent = 'usage'::regclass order by 1`)
  ).map(({ name }) => name);
const rawOf = ({ key }: { key: number }, table = 'usage'): Promise<unknown[]> =>
  api.db.query(`select at from ${table} where device_key = $1 order by at`, [key]);

describe('rule K1: raw usage', () => {
  test('is dropped after 90 days; what belongs to undecided trials is held, readable, and counted again', async () => {
    const held = await lockInTrial(api);
    const device = await build.device(api, held.unit);
    const free = { device, placement: await build.placement(api, { device, node: held.unit }) };
    for (const of of [held, free]) await recordUsage(api, of, [OLD, '2026-03-04T10:02:00Z', YOUNG].map(opening));
    await api.db.query('insert into usage_ledger (device_key, message_key, at) values ($1, 1, $2), ($1, 2, $3)', [
      free.device.key,
      OLD,
      YOUNG,
    ]);
    await workerAtRest(api);

    // The first night closes the week, the next one drops it: ingest has learnt meanwhile to refuse its times.
    const [closed] = await retainRaw(api.db, { now: NIGHT, dryRun: false });
    expect([closed, await partitions()]).toMatchObject([
      { kind: 'raw_closed', subject: OLD_WEEK },
      [OLD_WEEK, 'usage_20260504'],
    ]);
    const [kept] = await api.db.query<{ since: Date }[]>('select usage_kept_from() as since');
    expect(kept?.since).toEqual(new Date('2026-03-09T00:00:00Z'));
    expect(await retainRaw(api.db, { now: hoursLater(1), dryRun: false })).toEqual([]);
    const [dropped] = await retainRaw(api.db, { now: hoursLater(24), dryRun: false });

    expect(dropped).toMatchObject({ kind: 'raw_dropped', subject: OLD_WEEK, rows: 2, heldRows: 2, ledgerRows: 1 });
    expect(dropped!.held).toEqual([{ trialId: held.trial.id, code: held.trial.code, rule: 'undecided', rows: 2 }]);
    expect(await partitions()).toEqual(['usage_20260504']);
    expect([(await rawOf(held.device)).length, (await rawOf(held.device, 'usage_held')).length]).toEqual([1, 2]);
    expect([(await rawOf(free.device)).length, (await rawOf(free.device, 'usage_held')).length]).toEqual([1, 0]);
    expect(
      await api.db.query('select message_key::int as id from usage_ledger where device_key = $1', [free.device.key]),
    ).toEqual([{ id: 2 }]);

    // A new rule version counts what is held (rule K2), and the day roll-ups stand.
    expect(await unitsByDay(api, held.rule.key)).toEqual([
      { day: '2026-03-04', qualifying: 1 },
      { day: '2026-05-06', qualifying: 1 },
    ]);
    const second = await measurementRule(api, held, { version: 2, deduplicateMinutes: 0 });
    await markTrialDays(api.db, held.trial.id, 0);
    await workerAtRest(api);
    expect(await unitsByDay(api, second.key)).toEqual([
      { day: '2026-03-04', qualifying: 2 },
      { day: '2026-05-06', qualifying: 1 },
    ]);
    expect(
      await api.db.query('select sum(count)::int as count from usage_day where placement_key = $1', [
        free.placement.key,
      ]),
    ).toEqual([{ count: 3 }]);

    await told(held.root, { code: held.trial.code, rows: 2 });
    await isReleased(held, second.key);
  });

  /** The page shows which trials hold how much, and what the nights did. */
  async function told(root: OrgNodeEntity, { code, rows }: { code: string; rows: number }): Promise<void> {
    const auditor = api.as(await build.user(api, { role: 'auditor', node: root }));
    const view = await auditor.call(storageApi.read);
    expect(view.held).toMatchObject([{ code, rows, from: '2026-03-02T00:00:00.000Z', to: '2026-03-09T00:00:00.000Z' }]);
    expect(view.runs.map(({ kind, subject, heldTrials }) => [kind, subject, heldTrials])).toEqual([
      ['raw_dropped', OLD_WEEK, [code]],
      ['raw_closed', OLD_WEEK, []],
    ]);
  }

  /** Three months after the decision the held rows go, and what they were counted to stays. */
  async function isReleased(
    { trial, device }: Awaited<ReturnType<typeof lockInTrial>>,
    ruleKey: number,
  ): Promise<void> {
    const stop = { trialId: trial.id, stage: 'stopped' as const, at: new Date('2026-06-20T12:00:00Z') };
    await api.db.manager.insert(TrialStageChangeEntity, stop);
    expect(await releaseHeld(api.db, { now: new Date('2026-09-20T11:00:00Z'), dryRun: false })).toEqual([]);
    const now = new Date('2026-09-20T12:00:00Z');
    expect(await releaseHeld(api.db, { now, dryRun: true })).toMatchObject([
      { dryRun: true, rows: 2, rule: 'trial_decided' },
    ]);
    expect(await rawOf(device, 'usage_held')).toHaveLength(2);
    expect(await releaseHeld(api.db, { now, dryRun: false })).toMatchObject([{ dryRun: false, rows: 2 }]);
    expect(await rawOf(device, 'usage_held')).toEqual([]);
    await markTrialDays(api.db, trial.id, 0);
    await workerAtRest(api);
    expect(await unitsByDay(api, ruleKey)).toEqual([
      { day: '2026-03-04', qualifying: 2 },
      { day: '2026-05-06', qualifying: 1 },
    ]);
  }

  test('is held 24 months at the longest, however undecided the trial', async () => {
    const of = await lockInTrial(api);
    await recordUsage(api, of, [opening(YOUNG)]);
    await api.db.query(
      `with moved as (insert into usage_held select * from usage where device_key = $1 returning placement_key)
       insert into usage_held_week select placement_key, '2026-05-04', 1 from moved`,
      [of.device.key],
    );
    expect(await releaseHeld(api.db, { now: new Date('2028-05-04T00:00:00Z'), dryRun: false })).toEqual([]);
    expect(await releaseHeld(api.db, { now: new Date('2028-05-05T00:00:00Z'), dryRun: false })).toMatchObject([
      { rule: 'held_24_months', rows: 1 },
    ]);
    expect(await rawOf(of.device, 'usage_held')).toEqual([]);
  });

  test('is released once by several nights at a time, and told to its own municipality alone', async () => {
    const of = await lockInTrial(api);
    await recordUsage(api, of, [opening(YOUNG)]);
    await api.db.query(`insert into usage_held select * from usage where device_key = $1`, [of.device.key]);
    await api.db.query(`insert into usage_held_week values ($1, '2026-05-04', 1)`, [of.placement.key]);
    const night = { now: new Date('2028-05-05T00:00:00Z'), dryRun: false };
    const runs = (await Promise.all([releaseHeld(api.db, night), releaseHeld(api.db, night)])).flat();
    expect(runs).toMatchObject([{ rows: 1, rootId: of.root.id }]);
    const toldAt = async (root: OrgNodeEntity) => {
      const auditor = api.as(await build.user(api, { role: 'auditor', node: root }));
      const told = (await auditor.call(storageApi.read)).runs;
      return told.filter(({ subject }) => subject.startsWith(of.trial.code)).length;
    };
    expect([await toldAt(of.root), await toldAt(await build.municipality(api))]).toEqual([1, 0]);
  });

  test('waits for the lock of a drop in turns, so that messages pass in between', async () => {
    const of = await lockInTrial(api);
    await recordUsage(api, of, [opening('2026-03-11T10:00:00Z')]);
    const now = new Date('2026-06-20T00:00:00Z');
    await retainRaw(api.db, { now, dryRun: false });
    const reader = api.db.createQueryRunner();
    await reader.startTransaction();
    await reader.query('select count(*) from usage');
    const dropped = retainRaw(api.db, { now: new Date(now.getTime() + 3 * HOUR_MS), dryRun: false });
    await new Promise((resolve) => setTimeout(resolve, 1_500)); // longer than one wait for the lock
    const began = Date.now();
    await recordUsage(api, of, [opening(YOUNG)]);
    expect(Date.now() - began).toBeLessThan(1_000);
    await reader.rollbackTransaction();
    await reader.release();
    expect(await dropped).toContainEqual(expect.objectContaining({ subject: 'usage_20260309', heldRows: 1 }));
    expect(await partitions()).not.toContain('usage_20260309');
  });

  test('a dry run says what would go, is logged as one, and changes nothing', async () => {
    const of = await lockInTrial(api);
    await recordUsage(api, of, [opening('2026-02-25T10:00:00Z')]);
    const run = runNode('apps/api/src/storage/retention.main.ts', ['--dry-run'], {
      env: { ...process.env, DATABASE_URL: api.databaseUrl },
    });
    expect(await run.ended).toEqual({ code: 0, signal: null });
    expect(run.text()).toContain(
      `raw usage of usage_20260223 (raw_90_days): 0 rows would go; held: ${of.trial.code} 1 rows (undecided)`,
    );
    expect(await partitions()).toContain('usage_20260223');
    const logged = await api.db.query<unknown[]>(
      `select dry_run from retention_run where subject = 'usage_20260223' and kind = 'raw_dropped'`,
    );
    expect(logged).toEqual([{ dry_run: true }]);
  });

  test('what was removed can never be unsaid', async () => {
    await expect(api.db.query('delete from retention_run')).rejects.toThrow('can only be added');
  });
});
