import { randomUUID } from 'node:crypto';
import { type TrialView, trialsApi } from '#contracts';
import { BenefitLineEntity, createPartition, type OrgNodeEntity, rebuildHours } from '#database';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type ApiClient, startApi, type TestApi } from '../support/api.js';
import { device, municipality, node, placement, trial, user } from '../support/builders.js';
import { line, plan, rule } from './trials-plan.js';

let api: TestApi;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

/** A municipality with two units and a technician at the first. */
async function place() {
  const root = await municipality(api);
  const [unit, otherUnit] = [await node(api, root), await node(api, root)];
  const as = api.as(await user(api, { role: 'technician', node: unit }));
  return { root, unit, otherUnit, as };
}

const register = (as: ApiClient, owner: OrgNodeEntity): Promise<TrialView> =>
  as.call(trialsApi.register, { body: plan(owner) });
const move = (as: ApiClient, { id }: { id: string }, body: object) => as.raw(trialsApi.move, { params: { id }, body });

/** Moves a trial through these stages, now. */
async function pass(as: ApiClient, of: { id: string }, ...stages: string[]): Promise<void> {
  for (const stage of stages) expect(await move(as, of, { stage })).toMatchObject({ status: 200 });
}

test('a trial goes through its life one step at a time, and the history names who and why', async () => {
  const { unit, as } = await place();
  const { id } = await register(as, unit);
  expect(await move(as, { id }, { stage: 'running' })).toMatchObject({
    status: 422,
    body: { code: 'stage_not_reachable' },
  });
  await pass(as, { id }, 'preparation', 'approved', 'running');
  expect(await move(as, { id }, { stage: 'paused' })).toMatchObject({ status: 422, body: { code: 'reason_required' } });
  expect(await move(as, { id }, { stage: 'paused', reason: 'Leveransstopp' })).toMatchObject({ status: 200 });
  const view = await as.call(trialsApi.get, { params: { id } });
  expect(view).toMatchObject({ stage: 'paused', nextStages: ['running', 'stopped'] });
  expect(view.stageChanges.map(({ stage }) => stage)).toEqual(['idea', 'preparation', 'approved', 'running', 'paused']);
  expect(view.stageChanges.at(-1)).toMatchObject({
    reason: 'Leveransstopp',
    byName: expect.stringMatching(/^Person/) as string,
  });
});

test('a move may be back-dated, but neither before the latest one nor into the future', async () => {
  const { unit, as } = await place();
  const { id, stageChanges } = await register(as, unit);
  const registered = Date.parse(stageChanges[0]!.at);
  const at = (ms: number) => move(as, { id }, { stage: 'preparation', at: new Date(ms).toISOString() });
  expect(await at(registered - 1)).toMatchObject({ status: 422, body: { code: 'time_before_last_change' } });
  expect(await at(Date.now() + 60_000)).toMatchObject({ status: 422, body: { code: 'time_in_future' } });
  expect(await at(registered)).toMatchObject({ status: 200, body: { stage: 'preparation' } });
});

test('of two who move a trial at once, one does', async () => {
  const { unit, as } = await place();
  const { id } = await register(as, unit);
  const answers = await Promise.all([1, 2].map(() => move(as, { id }, { stage: 'preparation' })));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
});

test('a new rule version needs a reason from the approval on, and the old one stays', async () => {
  const { unit, as } = await place();
  const { id, benefits } = await register(as, unit);
  const change = (body: object) => as.raw(trialsApi.changeRule, { params: { id, lineId: benefits[0]!.id }, body });
  expect(await change({ rule: { ...rule, minutesPerUnit: 3 } })).toMatchObject({
    status: 200,
    body: { benefits: [{ rule: { version: 2, minutesPerUnit: 3 } }] },
  });
  await pass(as, { id }, 'preparation', 'approved');
  expect(await change({ rule })).toMatchObject({ status: 422, body: { code: 'reason_required' } });
  expect(await change({ rule: { ...rule, metric: 'call' }, reason: 'fel' })).toMatchObject({
    status: 422,
    body: { code: 'measurement_rule_metric' },
  });
  expect(await change({ rule, reason: 'Tidsstudie' })).toMatchObject({
    body: { benefits: [{ rule: { version: 3, reason: 'Tidsstudie' } }] },
  });
  const stored = await api.db.query<object[]>(
    'select version from measurement_rule where benefit_line_id = $1 order by 1',
    [benefits[0]!.id],
  );
  expect(stored).toEqual([{ version: 1 }, { version: 2 }, { version: 3 }]);
});

test('a line of another trial is not reached through this one', async () => {
  const { unit, as } = await place();
  const [one, other] = [await register(as, unit), await register(as, unit)];
  const params = { id: one.id, lineId: other.benefits[0]!.id };
  expect((await as.raw(trialsApi.changeRule, { params, body: { rule } })).status).toBe(404);
});

/** A lock in an approved trial, with successful openings by staff so many hours ago. */
async function openings(at: OrgNodeEntity, hoursAgo: number[]) {
  const tried = await trial(api, at, { stage: 'approved' });
  const lineId = randomUUID();
  const { rule: _rule, ...planned } = line;
  await api.db.manager.insert(BenefitLineEntity, { ...planned, id: lineId, trialId: tried.id, position: 0 });
  const lock = await device(api, at);
  const held = await placement(api, { device: lock, node: at }, { trial: tried });
  for (const [index, hours] of hoursAgo.entries()) {
    await api.db.query(
      `insert into usage (at, message_key, received_at, value, device_key, placement_key, metric, attributes)
      values ($1, $2, now(), 1, $3, $4, 1, '{"result":"success","actor_role":"staff"}')`,
      [ago(hours), index + 1, lock.key, held.key],
    );
  }
  await rebuildHours(api.db.manager, lock.key, [ago(100), ago(0)]);
  return { id: tried.id, lineId, placementKey: held.key };
}

const HOUR_MS = 3_600_000;
const ago = (hours: number): Date => new Date(Date.now() - hours * HOUR_MS);

/** Waits until so many openings of the placement qualify by the newest version of its rule. */
async function qualify(placementKey: number, count: number): Promise<void> {
  const counted = async (): Promise<number> => {
    const [row] = await api.db.query<{ sum: number }[]>(
      `select coalesce(sum(qualifying), 0)::int as sum from qualifying_day
      where placement_key = $1 and rule_key = (select max(rule_key) from qualifying_day where placement_key = $1)`,
      [placementKey],
    );
    return row?.sum ?? 0;
  };
  await vi.waitFor(async () => expect(await counted()).toBe(count), { timeout: 15_000, interval: 100 });
}

test('a back-dated start and judgement, and a new rule, decide anew which usage counts (rules U9, B10)', async () => {
  const { unit, as } = await place();
  const week = 7 * 24 * HOUR_MS;
  const monday = Math.floor((Date.now() - 4 * 24 * HOUR_MS) / week) * week + 4 * 24 * HOUR_MS;
  for (const start of [monday - week, monday]) for (const sql of createPartition(start)) await api.db.query(sql);
  const { id, lineId, placementKey } = await openings(unit, [60, 30, 29.95, 20]);
  const params = { id, lineId };
  await as.call(trialsApi.changeRule, { params, body: { rule, reason: 'Första regeln' } });
  expect(await move(as, { id }, { stage: 'running', at: ago(48).toISOString() })).toMatchObject({ status: 200 });
  await qualify(placementKey, 2); // 60 h ago is before the start; 29.95 h ago is within 5 minutes of another
  await as.call(trialsApi.changeRule, {
    params,
    body: { rule: { ...rule, deduplicateMinutes: 0 }, reason: 'Alla räknas' },
  });
  await qualify(placementKey, 3);
  expect(await move(as, { id }, { stage: 'judgement', at: ago(25).toISOString() })).toMatchObject({ status: 200 });
  await qualify(placementKey, 2); // 20 h ago is after the judgement
});
