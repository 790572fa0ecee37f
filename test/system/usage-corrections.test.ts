import { auditApi, liveApi, MAX_CORRECTED, upwardTopic, USAGE_FLAGS, usageCorrectionsApi } from '#contracts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { verifyRollUps } from '../../apps/api/src/storage/verify/verify-roll-ups.js';
import { type ApiWithIngest, startApiWithIngest, usageOf } from '../support/api-with-ingest.js';
import type { ApiClient } from '../support/api.js';
import { everySixMinutes, measuredUnit, workerAtRest } from '../support/benefit.js';
import * as build from '../support/builders.js';
import { connectLive, trialPage, unitPage } from '../support/live-socket.js';
import { connect, publish } from '../support/mqtt.js';
import { ensurePartition, failure, opening, recordUsage } from '../support/usage.js';

let system: ApiWithIngest;
beforeAll(async () => (system = await startApiWithIngest()));
afterAll(() => system.close());

const DAY = '2026-05-06';
const WHOLE_DAY = { from: `${DAY}T00:00:00Z`, to: '2026-05-07T00:00:00Z' };
const REASON = 'Provad av tekniker';

async function lock() {
  const of = await measuredUnit(system.api);
  const technician = system.api.as(await build.user(system.api, { role: 'technician', node: of.unit, name: 'Tove' }));
  const auditor = system.api.as(await build.user(system.api, { role: 'auditor', node: of.root }));
  return { ...of, technician, auditor, params: { id: of.device.id } };
}
type Lock = Awaited<ReturnType<typeof lock>>;

const usages = async ({ technician, params }: Lock, query: object = {}) =>
  (await technician.call(usageCorrectionsApi.usages, { params, query })).rows;
const correct = ({ technician, params }: Lock, body: object) =>
  technician.call(usageCorrectionsApi.correct, { params, body: { reason: REASON, ...body } as never });
const preview = ({ technician, params }: Lock, query: { from: string; to: string }) =>
  technician.call(usageCorrectionsApi.preview, { params, query });
const statusOf = async (client: ApiClient, { params }: Pick<Lock, 'params'>, body: object) =>
  (await client.raw(usageCorrectionsApi.correct, { params, body: { reason: REASON, ...body } })).status;
const namesOf = (rows: readonly { at: string; usageId: string }[]) => rows.map(({ at, usageId }) => ({ at, usageId }));

/** All that is made of a lock's usage: hours, days, months and qualifying units. */
const figures = async ({ placement }: Lock) => {
  const of = (sql: string): Promise<object[]> => system.api.db.query(sql, [placement.key]);
  return {
    hours: await of(`select hour, dimensions, sum(count)::int as count, max(last_at) as last
      from usage_hour where placement_key = $1 group by 1, 2 order by 1, 2`),
    days: await of('select day::text, dimensions, count from usage_day where placement_key = $1 order by 1, 2'),
    months: await of('select month::text, dimensions, count from usage_month where placement_key = $1 order by 1, 2'),
    units: await of(`select day::text, events, qualifying, failures from qualifying_day where placement_key = $1
      and events > 0 order by 1`),
  };
};
/** Where the roll-ups are not what raw makes them. */
const differences = async ({ device }: Lock) => {
  const found: unknown[] = [];
  await verifyRollUps(system.api.db, { now: new Date(), device: device.publicId }, (one) => void found.push(one));
  return found;
};
const audited = async ({ auditor, device }: Lock) => {
  const { rows } = await auditor.call(auditApi.list, { query: { subjectId: device.id } });
  return rows.filter(({ action }) => action === 'device.correct_usages');
};

test('rule U7: what is set aside is in no hour, day, month or unit, stays as it came, and counts again when taken back', async () => {
  const of = await lock();
  await recordUsage(system.api, of, [
    ...everySixMinutes(`${DAY}T10:00:00Z`, 4).map(opening),
    failure(`${DAY}T12:30:00Z`),
  ]);
  await workerAtRest(system.api);
  const [before, raw] = [await figures(of), await usageOf(system.api, of.device)];
  expect(before.units).toEqual([{ day: DAY, events: 5, qualifying: 4, failures: 1 }]);
  const [broken, ...good] = await usages(of);
  const wrong = namesOf([broken!, good[0]!]);

  expect(await correct(of, { decided: 'set_aside', usages: wrong })).toEqual({ usages: 2, changed: 2 });
  await workerAtRest(system.api);
  expect(await figures(of)).toMatchObject({
    hours: [{ count: 3, last: new Date(`${DAY}T10:12:00Z`) }],
    days: [{ day: DAY, dimensions: 'success|staff', count: 3 }],
    months: [{ month: '2026-05-01', count: 3 }],
    units: [{ day: DAY, events: 3, qualifying: 3, failures: 0 }],
  });
  expect(await differences(of)).toEqual([]);
  const stored = await usageOf(system.api, of.device);
  expect(stored.map(({ flags }) => flags)).toEqual([0, 0, 0, USAGE_FLAGS.setAside, USAGE_FLAGS.setAside]);
  expect(stored.map((usage) => ({ ...usage, flags: 0 }))).toEqual(raw);
  const decision = { decided: 'set_aside', reason: REASON, byName: 'Tove' };
  expect((await usages(of, { only: 'set_aside' })).map((row) => row.decision)).toMatchObject([decision, decision]);

  await correct(of, { decided: 'taken_back', usages: wrong, reason: 'Var riktiga' });
  await workerAtRest(system.api);
  expect(await figures(of)).toEqual(before);
  expect(await usageOf(system.api, of.device)).toEqual(raw);
  expect(await differences(of)).toEqual([]);
  expect((await usages(of))[0]).toMatchObject({ isSetAside: false, decision: { decided: 'taken_back' } });
  expect(await of.auditor.call(usageCorrectionsApi.list, of)).toMatchObject([
    { decided: 'taken_back', reason: 'Var riktiga', usages: 2, byName: 'Tove' },
    { decided: 'set_aside', usages: 2, from: `${DAY}T10:18:00.000Z`, to: `${DAY}T12:30:00.000Z` },
  ]);
});

test('rule U7: a decision is audited once, however often it is sent', async () => {
  const of = await lock();
  await recordUsage(system.api, of, [opening(`${DAY}T10:00:00Z`)]);
  const body = { decided: 'set_aside', usages: namesOf(await usages(of)) };
  expect(await correct(of, body)).toEqual({ usages: 1, changed: 1 });
  await workerAtRest(system.api);
  const after = await figures(of);
  expect(await correct(of, { ...body, reason: 'En gång till' })).toEqual({ usages: 1, changed: 0 });
  expect(await figures(of)).toEqual(after);
  expect(await audited(of)).toMatchObject([
    { actorName: 'Tove', reason: REASON, changes: { decided: 'set_aside', usages: 1, from: `${DAY}T10:00:00.000Z` } },
  ]);
});

test('rule U7: a whole period is previewed, and set aside as it was previewed or not at all', async () => {
  const of = await lock();
  await recordUsage(system.api, of, everySixMinutes(`${DAY}T10:00:00Z`, 40).map(opening));
  await recordUsage(system.api, of, [{ at: `${DAY}T10:00:30Z`, metric: 'battery', value: 80 }]);
  await workerAtRest(system.api);
  const period = { from: `${DAY}T10:00:00Z`, to: `${DAY}T13:54:00Z`, metric: 'unlock' };
  const set = { decided: 'set_aside', period };
  expect(await preview(of, period)).toEqual({ usages: 39, setAside: 0 });
  expect((await usages(of, { only: 'set_aside' })).length).toBe(0);
  await recordUsage(system.api, of, [opening(`${DAY}T11:01:00Z`)]);
  expect(await statusOf(of.technician, of, { ...set, expected: 39 })).toBe(409);
  expect(await correct(of, { ...set, expected: 40 })).toEqual({ usages: 40, changed: 40 });
  expect(await correct(of, { ...set, expected: 40 })).toEqual({ usages: 40, changed: 0 });
  expect(await preview(of, period)).toEqual({ usages: 40, setAside: 40 });
  await workerAtRest(system.api);
  expect((await figures(of)).units).toEqual([{ day: DAY, events: 1, qualifying: 1, failures: 0 }]);
  expect((await usages(of)).filter(({ isSetAside }) => !isSetAside).map(({ metricName }) => metricName)).toEqual([
    'unlock',
    'battery',
  ]);
  expect(await differences(of)).toEqual([]);
});

test('a period that holds too many, or lies before what is kept, is refused and not cut short', async () => {
  const of = await lock();
  await ensurePartition(system.api.db.manager, new Date(`${DAY}T00:00:00Z`));
  await system.api.db.query(
    `insert into usage (at, message_key, received_at, value, device_key, placement_key, metric)
    select $1::timestamptz + make_interval(secs => n), n, now(), 1, $2, $3, 1 from generate_series(1, $4::int) n`,
    [WHOLE_DAY.from, of.device.key, of.placement.key, MAX_CORRECTED + 1],
  );
  const set = { decided: 'set_aside', period: WHOLE_DAY };
  expect(await preview(of, WHOLE_DAY)).toEqual({ usages: MAX_CORRECTED + 1, setAside: 0 });
  expect(await statusOf(of.technician, of, set)).toBe(422);
  expect(
    await statusOf(of.technician, of, { ...set, period: { from: '2020-01-01T00:00:00Z', to: WHOLE_DAY.to } }),
  ).toBe(422);
  const half = { from: WHOLE_DAY.from, to: `${DAY}T00:30:00Z` };
  expect(await correct(of, { ...set, period: half })).toMatchObject({ changed: 1_799 });
});

test('rules U7, B5: a neighbour within five minutes counts in the place of one that is set aside, across midnight', async () => {
  const of = await lock();
  await recordUsage(system.api, of, [opening(`${DAY}T21:58:00Z`), opening(`${DAY}T22:01:00Z`)]); // 23.58 and 00.01
  await workerAtRest(system.api);
  expect((await figures(of)).units).toMatchObject([
    { day: DAY, qualifying: 1 },
    { day: '2026-05-07', qualifying: 0 },
  ]);
  await correct(of, { decided: 'set_aside', usages: namesOf((await usages(of)).slice(1)) });
  await workerAtRest(system.api);
  expect((await figures(of)).units).toEqual([{ day: '2026-05-07', events: 1, qualifying: 1, failures: 0 }]);
});

test('rule U7: viewers see the use and its benefit go at once, and come back', async () => {
  const of = await lock();
  const { deltas, watch } = await connectLive(system.api, of.manager);
  await recordUsage(system.api, of, [opening(new Date(Date.now() - 60_000))]);
  await workerAtRest(system.api);
  await watch(unitPage(of.unit.id));
  await watch(trialPage(of.trial.id));
  const [one] = await usages(of);
  const totals = () => deltas.findLast(({ totals }) => totals)?.totals?.[0]?.count ?? 0;
  const qualifying = () => deltas.findLast(({ benefit }) => benefit)?.benefit?.lines[0]?.calculation?.qualifying ?? 0;
  const soon = (count: number) =>
    vi.waitFor(() => expect([totals(), qualifying()]).toEqual([count, count]), { timeout: 5_000, interval: 20 });
  await correct(of, { decided: 'set_aside', usages: namesOf([one!]) });
  await vi.waitFor(() => expect(deltas.some(({ benefit }) => benefit)).toBe(true), { timeout: 5_000, interval: 20 });
  await soon(0);
  const page = await system.api.as(of.manager).call(liveApi.unit, { params: { id: of.unit.id } });
  expect(page.totals.map(({ count }) => count)).not.toContain(1);
  await correct(of, { decided: 'taken_back', usages: namesOf([one!]) });
  await soon(1);
});

test('rules U1, U7: a redelivery of what is set aside changes nothing', async () => {
  const of = await lock();
  const client = await connect({ ...of.device, port: system.ingest.port });
  const usage = {
    id: 'a',
    metric: 'unlock',
    at: Date.now() - 60_000,
    attributes: { result: 'success', actor_role: 'staff' },
  };
  const send = (message: object) => publish(client, upwardTopic(of.device.publicId, 'usage'), message);
  await send(usage);
  await correct(of, { decided: 'set_aside', usages: namesOf(await usages(of)) });
  await workerAtRest(system.api);
  await send([usage, { ...usage, id: 'b' }]);
  await workerAtRest(system.api);
  expect((await usageOf(system.api, of.device)).map(({ flags }) => flags).sort()).toEqual([0, USAGE_FLAGS.setAside]);
  expect((await figures(of)).units).toMatchObject([{ events: 1, qualifying: 1 }]);
  expect(await differences(of)).toEqual([]);
  await client.endAsync();
});

test('rules U3, U7: a session that is set aside while open stays so when its end comes', async () => {
  const { unit, technician } = await lock();
  const product = await build.product(system.api, unit, { family: 'sleep_robot' });
  const device = await build.device(system.api, unit, { product });
  const placement = await build.placement(system.api, { device, node: unit });
  const of = { technician, device, placement, params: { id: device.id } } as unknown as Lock;
  const client = await connect({ ...device, port: system.ingest.port });
  const session = { id: 'natt', metric: 'session', at: Date.now() - 3_600_000 };
  await publish(client, upwardTopic(device.publicId, 'usage'), session);
  expect(await usages(of)).toMatchObject([{ isOpen: true, value: null }]);
  await correct(of, { decided: 'set_aside', usages: namesOf(await usages(of)) });
  await publish(client, upwardTopic(device.publicId, 'usage'), { ...session, until: session.at + 1_800_000 });
  expect(await usages(of)).toMatchObject([{ isOpen: false, isSetAside: true, value: 1_800 }]);
  expect((await figures(of)).hours).toEqual([]);
  await correct(of, { decided: 'taken_back', usages: namesOf(await usages(of)) });
  await workerAtRest(system.api);
  expect((await figures(of)).days).toMatchObject([{ count: 1 }]);
  expect(await differences(of)).toEqual([]);
  await client.endAsync();
});
