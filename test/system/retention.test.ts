import { storageApi } from '#contracts';
import { markTrialDays, type OrgNodeEntity, type PlacementEntity, TrialStageChangeEntity } from '#database';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { releaseHeld } from '../../apps/api/src/storage/retention/release-held.js';
import { retainRaw } from '../../apps/api/src/storage/retention/retain-raw.js';
import { thinHours } from '../../apps/api/src/storage/retention/thin-hours.js';
import { keepNight } from '../../apps/api/src/storage/storage-jobs.js';
import { startApi, type TestApi } from '../support/api.js';
import { benefitLine, measurementRule, workerAtRest } from '../support/benefit.js';
import * as build from '../support/builders.js';
import { runNode } from '../support/run-node.js';
import { opening, recordUsage, visit } from '../support/usage.js';

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
const units = (ruleKey: number): Promise<unknown[]> =>
  api.db.query('select day::text as day, qualifying from qualifying_day where rule_key = $1 order by 1', [ruleKey]);

/** A lock of a running trial at a unit, whose rule counts its openings. */
async function inTrial() {
  const root = await build.municipality(api);
  const unit = await build.node(api, root);
  const trial = await build.trial(api, unit);
  const line = await benefitLine(api, trial);
  const rule = await measurementRule(api, { line, trial });
  const device = await build.device(api, unit);
  const placement = await build.placement(api, { device, node: unit }, { trial });
  return { root, unit, trial, line, rule, device, placement };
}

describe('rule K1: raw usage', () => {
  test('is dropped after 90 days; what belongs to undecided trials is held, readable, and counted again', async () => {
    const held = await inTrial();
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
    expect(await units(held.rule.key)).toEqual([
      { day: '2026-03-04', qualifying: 1 },
      { day: '2026-05-06', qualifying: 1 },
    ]);
    const second = await measurementRule(api, held, { version: 2, deduplicateMinutes: 0 });
    await markTrialDays(api.db, held.trial.id, 0);
    await workerAtRest(api);
    expect(await units(second.key)).toEqual([
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
  async function isReleased({ trial, device }: Awaited<ReturnType<typeof inTrial>>, ruleKey: number): Promise<void> {
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
    expect(await units(ruleKey)).toEqual([
      { day: '2026-03-04', qualifying: 2 },
      { day: '2026-05-06', qualifying: 1 },
    ]);
  }

  test('is held 24 months at the longest, however undecided the trial', async () => {
    const of = await inTrial();
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
    const of = await inTrial();
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
    const of = await inTrial();
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
    const of = await inTrial();
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

describe('rule K1: after 24 months', () => {
  beforeEach(() => api.db.query('update storage_state set raw_kept_from = null, raw_closed_at = null'));
  /** So many openings at a unit in May 2024. */
  async function used(
    root: OrgNodeEntity,
    count: number,
  ): Promise<{ unit: OrgNodeEntity; placement: PlacementEntity }> {
    const unit = await build.node(api, root);
    const room = await build.node(api, unit, { kind: 'place' });
    const device = await build.device(api, unit);
    const placement = await build.placement(api, { device, node: room });
    const times = Array.from(
      { length: count },
      (_, index) => new Date(Date.parse('2024-05-06T08:00:00Z') + index * 60_000),
    );
    await recordUsage(api, { device, placement }, times.map(opening));
    return { unit, placement };
  }
  const kept = (root: OrgNodeEntity): Promise<unknown> =>
    api.db.query(
      `select n.name, m.count::int as count, m.sum::float8 as sum, is_total from unit_month m join org_node n on n.id = m.node_id
       where n.root_id = $1 and month = '2024-05-01' order by is_total, n.name`,
      [root.id],
    );
  const LATER = new Date('2026-06-02T00:00:00Z');

  test('months are kept by unit; counts under 5 and their complement are hidden (rule P4)', async () => {
    const root = await build.municipality(api, { name: 'Kommun X' });
    const [small, middle, large] = [await used(root, 3), await used(root, 6), await used(root, 20)];
    const test = await build.device(api, small.unit);
    const bench = await build.placement(api, { device: test, node: small.unit }, { purpose: 'test' });
    await recordUsage(api, { device: test, placement: bench }, [visit('2024-05-06T10:00:00Z')]);
    await workerAtRest(api);
    expect(await thinHours(api.db, { now: new Date('2026-05-31T00:00:00Z'), dryRun: false, rootId: root.id })).toEqual(
      [],
    );
    expect(await thinHours(api.db, { now: LATER, dryRun: true, rootId: root.id })).toMatchObject([
      { subject: '2024-05', dryRun: true },
    ]);
    expect(await kept(root)).toEqual([]);
    expect(await thinHours(api.db, { now: LATER, dryRun: false, rootId: root.id })).toMatchObject([
      { kind: 'hours_thinned', dryRun: false },
    ]);
    expect(await kept(root)).toEqual([
      { name: small.unit.name, count: null, sum: null, is_total: false },
      { name: middle.unit.name, count: null, sum: null, is_total: false }, // else 29 − 20 − 6 = 3
      { name: large.unit.name, count: 20, sum: 20, is_total: false },
      { name: 'Kommun X', count: 29, sum: 29, is_total: true },
    ]);
    for (const table of ['usage_hour', 'usage_day', 'usage_month']) {
      expect(await api.db.query(`select 1 from ${table} where placement_key = $1`, [large.placement.key])).toEqual([]);
    }
    expect(await thinHours(api.db, { now: LATER, dryRun: false, rootId: root.id })).toEqual([]);
  });

  test('rule K2: qualifying units stay, also when their day is marked again', async () => {
    const of = await inTrial();
    await recordUsage(api, of, ['2024-05-06T10:00:00Z', '2024-05-06T12:00:00Z'].map(opening));
    await workerAtRest(api);
    await thinHours(api.db, { now: LATER, dryRun: false, rootId: of.root.id });
    await api.db.query(`update storage_state set raw_kept_from = '2026-03-02', raw_closed_at = '2026-06-01'`);
    await markTrialDays(api.db, of.trial.id, 0);
    await workerAtRest(api);
    expect(await units(of.rule.key)).toEqual([{ day: '2024-05-06', qualifying: 2 }]);
    expect(await kept(of.root)).toMatchObject([{ count: null }, { count: null }]); // two at a single unit: neither it nor the whole may be told
  });

  test('a month whose days are still to be made waits', async () => {
    const root = await build.municipality(api);
    const { placement } = await used(root, 9);
    await workerAtRest(api);
    await api.db.query(`update storage_state set backfilled_to = 0`);
    expect(await thinHours(api.db, { now: LATER, dryRun: false, rootId: root.id })).toEqual([]);
    await api.db.query(`update storage_state set backfilled_to = null`);
    expect(await api.db.query('select 1 from usage_hour where placement_key = $1', [placement.key])).not.toEqual([]);
  });

  test('the night of each municipality does all of it', async () => {
    const root = await build.municipality(api);
    const { unit } = await used(root, 9);
    await workerAtRest(api);
    const context = {
      db: api.db,
      now: () => LATER,
      get: () => undefined as never,
      signal: new AbortController().signal,
    };
    await keepNight({ rootId: root.id }, context);
    await keepNight({ rootId: root.id }, context);
    expect(await kept(root)).toMatchObject([
      { name: unit.name, count: 9 },
      { name: root.name, count: 9 },
    ]);
  });
});
