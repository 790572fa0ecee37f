import { usageCorrectionsApi, usageEntriesApi } from '#contracts';
import {
  markTrialDays,
  type OrgNodeEntity,
  PlacementEntity,
  reassignPlacements,
  TrialStageChangeEntity,
} from '#database';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { releaseHeld } from '../../apps/api/src/storage/retention/release-held.js';
import { retainRaw } from '../../apps/api/src/storage/retention/retain-raw.js';
import { type ApiClient, startApi, type TestApi } from '../support/api.js';
import { lockInTrial, measurementRule, unitsByDay, workerAtRest } from '../support/benefit.js';
import * as build from '../support/builders.js';
import { opening, recordUsage } from '../support/usage.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const REASON = 'Provad av tekniker';
const technicianAt = async (node: OrgNodeEntity): Promise<ApiClient> =>
  api.as(await build.user(api, { role: 'technician', node }));
const usagesOf = async (client: ApiClient, { id }: { id: string }) => {
  const { rows } = await client.call(usageCorrectionsApi.usages, { params: { id }, query: {} });
  return rows.map(({ at, usageId }) => ({ at, usageId }));
};
const setAside = (usages: { at: string; usageId: string }[]) =>
  ({ decided: 'set_aside', reason: REASON, usages }) as const;

test('rules U7, U8: only who owns the device corrects it; where it stood sees what was decided of its own time', async () => {
  const root = await build.municipality(api);
  const [owner, other, third] = await Promise.all([1, 2, 3].map(() => build.node(api, root)));
  const device = await build.device(api, owner!);
  const moved = new Date('2026-05-06T12:00:00Z');
  const first = await build.placement(api, { device, node: owner! }, { endsAt: moved });
  const second = await build.placement(api, { device, node: other! }, { startsAt: moved });
  await recordUsage(api, { device, placement: first }, [opening('2026-05-06T10:00:00Z')]);
  await recordUsage(api, { device, placement: second }, [opening('2026-05-06T14:00:00Z')]);
  const params = { id: device.id };
  const [owning, standing, stranger] = await Promise.all([owner!, other!, third!].map(technicianAt));
  const usages = await usagesOf(owning!, device);
  const correcting = async (client: ApiClient, body: object) =>
    (await client.raw(usageCorrectionsApi.correct, { params, body })).status;

  expect(await correcting(standing!, setAside(usages.slice(0, 1)))).toBe(404);
  expect(await correcting(stranger!, setAside(usages))).toBe(404);
  const manager = api.as(await build.user(api, { role: 'manager', node: owner! }));
  expect(await correcting(manager, setAside(usages))).toBe(403); // who confirms does not measure
  expect((await manager.raw(usageCorrectionsApi.usages, { params, query: {} })).status).toBe(403);
  expect((await standing!.raw(usageCorrectionsApi.usages, { params, query: {} })).status).toBe(404);
  expect(await correcting(owning!, setAside([...usages, { ...usages[0]!, usageId: '77' }]))).toBe(404);
  expect(await correcting(owning!, setAside(usages))).toBe(200);

  const told = async (client: ApiClient) =>
    (await client.call(usageCorrectionsApi.list, { params })).map((one) => [one.usages, one.from.slice(11, 16)]);
  expect([await told(owning!), await told(manager), await told(standing!)]).toEqual([
    [[2, '10:00']],
    [[2, '10:00']],
    [[1, '14:00']],
  ]);
  expect((await stranger!.raw(usageCorrectionsApi.list, { params })).status).toBe(404);
});

test('a reason, and either usages or a period, are needed', async () => {
  const of = await lockInTrial(api);
  await recordUsage(api, of, [opening('2026-05-06T10:00:00Z')]);
  const technician = await technicianAt(of.unit);
  const usages = await usagesOf(technician, of.device);
  const period = { from: '2026-05-06T00:00:00Z', to: '2026-05-07T00:00:00Z' };
  const refused = async (body: object) =>
    (await technician.raw(usageCorrectionsApi.correct, { params: { id: of.device.id }, body })).status;
  expect(await refused({ ...setAside(usages), reason: ' ' })).toBe(400);
  expect(await refused(setAside([]))).toBe(400);
  expect(await refused({ ...setAside(usages), period })).toBe(400);
  expect(await refused({ ...setAside([]), period: { from: period.to, to: period.from } })).toBe(400);
  expect(await refused({ ...setAside([]), period: { ...period, metric: 'wash' } })).toBe(400);
});

test('what was entered by hand and is set aside is in no share of what was', async () => {
  const of = await lockInTrial(api);
  await recordUsage(api, of, [opening(new Date(Date.now() - 60_000)), opening(new Date(Date.now() - 120_000))]);
  await api.db.query('update usage set flags = 16 where device_key = $1', [of.device.key]);
  const technician = await technicianAt(of.unit);
  const params = { id: of.device.id };
  const [newest] = await usagesOf(technician, of.device);
  await technician.call(usageCorrectionsApi.correct, { params, body: setAside([newest!]) });
  const { share } = await technician.call(usageEntriesApi.list, { params, query: {} });
  expect(share).toMatchObject({ manual: 1, usages: 1 });
});

test('rules U7, D7: what is set aside stays so, and uncounted, when its custody is corrected afterwards', async () => {
  const of = await lockInTrial(api);
  await recordUsage(api, of, [opening('2026-05-06T10:00:00Z'), opening('2026-05-06T11:00:00Z')]);
  const technician = await technicianAt(of.unit);
  const [newest] = await usagesOf(technician, of.device);
  await technician.call(usageCorrectionsApi.correct, { params: { id: of.device.id }, body: setAside([newest!]) });
  await api.db.transaction(async (tx) => {
    await tx.update(PlacementEntity, { id: of.placement.id }, { startsAt: new Date('2026-05-06T09:00:00Z') });
    await reassignPlacements(tx, of.device.key, { from: new Date('2026-05-06T09:00:00Z'), to: null });
  });
  await workerAtRest(api);
  expect(await unitsByDay(api, of.rule.key)).toEqual([{ day: '2026-05-06', qualifying: 1 }]);
});

test('rules U7, K1: a decision is held with the raw that it is about, keeps it uncounted, and goes with it', async () => {
  const of = await lockInTrial(api);
  const free = await build.device(api, of.unit);
  const placement = await build.placement(api, { device: free, node: of.unit });
  const times = ['2026-03-04T10:00:00Z', '2026-03-04T11:00:00Z'];
  await recordUsage(api, of, [...times, '2026-05-06T10:00:00Z'].map(opening));
  await recordUsage(api, { device: free, placement }, times.map(opening));
  const technician = await technicianAt(of.unit);
  for (const { id } of [of.device, free]) {
    const usages = (await usagesOf(technician, { id })).slice(-1);
    await technician.call(usageCorrectionsApi.correct, { params: { id }, body: setAside(usages) });
  }
  await workerAtRest(api);
  const decidedOf = async ({ id }: { id: string }) =>
    (await technician.call(usageCorrectionsApi.list, { params: { id } })).length;
  const night = new Date('2026-06-08T01:00:00Z');
  await retainRaw(api.db, { now: night, dryRun: false });
  expect([await decidedOf(of.device), await decidedOf(free)]).toEqual([1, 1]); // closed, and still there
  await retainRaw(api.db, { now: new Date('2026-06-09T01:00:00Z'), dryRun: false });
  expect([await decidedOf(of.device), await decidedOf(free)]).toEqual([1, 0]);

  const second = await measurementRule(api, of, { version: 2, deduplicateMinutes: 0 });
  await markTrialDays(api.db, of.trial.id, 0);
  await workerAtRest(api);
  expect(await unitsByDay(api, second.key)).toEqual([
    { day: '2026-03-04', qualifying: 1 },
    { day: '2026-05-06', qualifying: 1 },
  ]);
  const stop = { trialId: of.trial.id, stage: 'stopped' as const, at: new Date('2026-06-20T12:00:00Z') };
  await api.db.manager.insert(TrialStageChangeEntity, stop);
  await releaseHeld(api.db, { now: new Date('2026-09-20T12:00:00Z'), dryRun: true });
  expect(await decidedOf(of.device)).toBe(1);
  await releaseHeld(api.db, { now: new Date('2026-09-20T12:00:00Z'), dryRun: false });
  expect(await decidedOf(of.device)).toBe(0);
});
