import { markTrialDays, type OrgNodeEntity, type PlacementEntity } from '#database';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { thinHours } from '../../apps/api/src/storage/retention/thin-hours.js';
import { keepNight } from '../../apps/api/src/storage/storage-jobs.js';
import { startApi, type TestApi } from '../support/api.js';
import { lockInTrial, unitsByDay, workerAtRest } from '../support/benefit.js';
import * as build from '../support/builders.js';
import { opening, recordUsage, visit } from '../support/usage.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

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
       where n.root_id = $1 and month = '2024-05-01' order by is_total, length(n.name), n.name`,
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
    const of = await lockInTrial(api);
    await recordUsage(api, of, ['2024-05-06T10:00:00Z', '2024-05-06T12:00:00Z'].map(opening));
    await workerAtRest(api);
    await thinHours(api.db, { now: LATER, dryRun: false, rootId: of.root.id });
    await api.db.query(`update storage_state set raw_kept_from = '2026-03-02', raw_closed_at = '2026-06-01'`);
    await markTrialDays(api.db, of.trial.id, 0);
    await workerAtRest(api);
    expect(await unitsByDay(api, of.rule.key)).toEqual([{ day: '2024-05-06', qualifying: 2 }]);
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
