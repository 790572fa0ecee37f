import { auditApi, devicesApi, liveApi, USAGE_FLAGS, usageEntriesApi } from '#contracts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Refused } from '../support/api.js';
import { type ApiWithIngest, inboxLength, ingestOf, startApiWithIngest, usageOf } from '../support/api-with-ingest.js';
import { measuredUnit } from '../support/benefit.js';
import { device, municipality, node, placement, user } from '../support/builders.js';
import { opening, recordUsage } from '../support/usage.js';

let system: ApiWithIngest;
beforeAll(async () => (system = await startApiWithIngest()));
afterAll(() => system.close());

async function place() {
  const { api } = system;
  const root = await municipality(api);
  const unit = await node(api, root);
  const lock = await device(api, unit);
  await placement(api, { device: lock, node: unit });
  const technician = api.as(await user(api, { role: 'technician', node: unit, name: 'Tove Tekniker' }));
  return { root, unit, lock, technician };
}

let last = 0;
const entry = (given: object = {}) => ({
  key: `formular-${(last += 1)}`,
  metric: 'unlock',
  at: new Date(Date.now() - last * 60_000).toISOString(),
  attributes: { result: 'success', actor_role: 'staff' },
  ...given,
});
const drained = () =>
  vi.waitFor(async () => expect(await inboxLength(system.api)).toBe(0), { timeout: 10_000, interval: 50 });

test('what a technician enters is counted, marked as entered by hand, with who and why', async () => {
  const { lock, technician } = await place();
  const body = { reason: 'Låset var utan nät', entries: [entry(), entry()] };
  const answer = await technician.call(usageEntriesApi.enter, { params: { id: lock.id }, body });
  expect(answer).toHaveLength(2);
  await drained();
  expect((await usageOf(system.api, lock)).map(({ flags }) => flags)).toEqual([USAGE_FLAGS.manual, USAGE_FLAGS.manual]);
  const { rows, share } = await technician.call(usageEntriesApi.list, { params: { id: lock.id }, query: {} });
  expect(rows).toMatchObject([
    { outcome: 'taken', enteredBy: 'Tove Tekniker', reason: 'Låset var utan nät' },
    { outcome: 'taken' },
  ]);
  expect(share).toMatchObject({ manual: 2, usages: 2 });
});

test('it is in the audit log, with the reason', async () => {
  const { root, lock, technician } = await place();
  const auditor = system.api.as(await user(system.api, { role: 'auditor', node: root }));
  const body = { reason: 'Låset var utan nät', entries: [entry()] };
  await technician.call(usageEntriesApi.enter, { params: { id: lock.id }, body });
  const { rows } = await auditor.call(auditApi.list, { query: { subjectKind: 'device', subjectId: lock.id } });
  expect(rows).toMatchObject([{ action: 'usage.enter', actorName: 'Tove Tekniker', reason: 'Låset var utan nät' }]);
});

test('a form that is sent twice enters each usage once', async () => {
  const { lock, technician } = await place();
  const body = { reason: 'Utan nät', entries: [entry(), entry()] };
  for (let sent = 0; sent < 3; sent += 1)
    expect(await technician.call(usageEntriesApi.enter, { params: { id: lock.id }, body })).toHaveLength(2);
  await drained();
  expect(await usageOf(system.api, lock)).toHaveLength(2);
});

test('entries show as such on the unit’s live page, and are no sign of life (rule U12)', async () => {
  const { unit, lock, technician } = await place();
  const manager = system.api.as(await user(system.api, { role: 'manager', node: unit }));
  const at = new Date().toISOString();
  const body = { reason: 'Utan nät', entries: [entry({ at }), entry({ at, attributes: {} })] };
  await technician.call(usageEntriesApi.enter, { params: { id: lock.id }, body });
  await drained();
  const page = await manager.call(liveApi.unit, { params: { id: unit.id } });
  expect(page.totals).toMatchObject([{ metric: 'unlock', count: 2, manual: 2 }]);
  expect(page.devices).toMatchObject([{ signal: { reporting: 'never_seen', lastSignalAt: null } }]);
  expect(page.coverage).toMatchObject({ expected: 1, reporting: 0 });
});

test('also after a restart of ingest a device is silent that only people have spoken for', async () => {
  const { lock, technician } = await place();
  await technician.call(usageEntriesApi.enter, {
    params: { id: lock.id },
    body: { reason: 'Utan nät', entries: [entry()] },
  });
  await drained();
  await (await ingestOf(system.api)).stop();
  const { signal } = await technician.call(devicesApi.get, { params: { id: lock.id } });
  expect(signal).toMatchObject({ reporting: 'never_seen', lastSignalAt: null, clockSkewMs: null });
});

test.each([
  ['a metric that the family has not', { metric: 'wash' }, 'metric'],
  ['a time to come', { at: new Date(Date.now() + 3_600_000).toISOString() }, 'at'],
  ['a time before what is kept (rule U5)', { at: '2020-01-01T12:00:00Z' }, 'at'],
  ['a value that it cannot have', { value: 7 }, 'value'],
  ['an attribute that it cannot have', { attributes: { result: 'perhaps' } }, 'value'],
])('%s is told at its field, and nothing is stored', async (_what, wrong, field) => {
  const { lock, technician } = await place();
  const body = { reason: 'Utan nät', entries: [entry(), entry(wrong)] };
  const refused = (await technician
    .call(usageEntriesApi.enter, { params: { id: lock.id }, body })
    .catch((error: unknown) => error)) as Refused;
  expect(refused.view).toMatchObject({ statusCode: 400, errors: [{ path: `body.entries.1.${field}` }] });
  expect((await technician.call(usageEntriesApi.list, { params: { id: lock.id }, query: {} })).total).toBe(0);
});

test('the benefit says how many of the counted uses were entered by hand, also after late data', async () => {
  const of = await measuredUnit(system.api);
  const technician = system.api.as(await user(system.api, { role: 'technician', node: of.unit }));
  const manager = system.api.as(of.manager);
  const at = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
  const entries = [entry({ at: at(60) }), entry({ at: at(40) }), entry({ at: at(38) })];
  const body = { reason: 'Utan nät', entries };
  await technician.call(usageEntriesApi.enter, { params: { id: of.device.id }, body });
  const calculated = async () => {
    const { benefit } = await manager.call(liveApi.trial, { params: { id: of.trial.id } });
    return benefit.lines[0]?.calculation;
  };
  const soon = (expected: object) =>
    vi.waitFor(async () => expect(await calculated()).toMatchObject(expected), { timeout: 10_000, interval: 100 });
  await soon({ events: 3, qualifying: 2, manual: 2 }); // the third lies two minutes after the second
  // The device was not offline after all: it tells of the first itself, late, and of one more.
  await recordUsage(system.api, of, [opening(at(60.05)), opening(at(20))]);
  await soon({ events: 5, qualifying: 3, manual: 1 }); // its own comes first, the entry for it is its echo
});

test('a reason is needed', async () => {
  const { lock, technician } = await place();
  const body = { reason: ' ', entries: [entry()] };
  expect((await technician.raw(usageEntriesApi.enter, { params: { id: lock.id }, body })).status).toBe(400);
});

test('who confirms what usage is worth does not enter it, and a unit where it only stands does not either', async () => {
  const { root, unit, lock } = await place();
  const other = await node(system.api, root);
  const moved = await device(system.api, other);
  await placement(system.api, { device: moved, node: unit });
  const body = { reason: 'Utan nät', entries: [entry()] };
  const statusFor = async (role: 'manager' | 'project_lead' | 'technician', id: string) => {
    const client = system.api.as(await user(system.api, { role, node: unit }));
    return (await client.raw(usageEntriesApi.enter, { params: { id }, body })).status;
  };
  expect(await statusFor('manager', lock.id)).toBe(403);
  expect(await statusFor('project_lead', lock.id)).toBe(403);
  expect(await statusFor('technician', moved.id)).toBe(404);
  expect(await statusFor('technician', lock.id)).toBe(200);
});

test('a unit sees what was entered while the device stood there, and nothing of before', async () => {
  const { root, unit, lock, technician } = await place();
  const next = await node(system.api, root);
  const moved = new Date(Date.now() - 30 * 60_000);
  await system.api.db.query('update placement set ends_at = $2 where device_id = $1', [lock.id, moved]);
  await placement(system.api, { device: lock, node: next }, { startsAt: moved });
  const at = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
  const entries = [entry({ at: at(60) }), entry({ at: at(10) })];
  await technician.call(usageEntriesApi.enter, { params: { id: lock.id }, body: { reason: 'Utan nät', entries } });
  const seenBy = async (of: typeof unit) => {
    const manager = system.api.as(await user(system.api, { role: 'manager', node: of }));
    const { rows } = await manager.call(usageEntriesApi.list, { params: { id: lock.id }, query: {} });
    return rows.map((row) => row.at);
  };
  expect(await seenBy(unit)).toHaveLength(2); // its own device
  expect(await seenBy(next)).toEqual([entries[1]?.at]);
});
