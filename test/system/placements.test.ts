import { placementsApi, devicesApi } from '#contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApiClient, TestApi } from '../support/api.js';
import { device, node, placement, product, trial, user } from '../support/builders.js';
import { daysAgo, put, startApiWithWeeks, twoUnits } from '../support/placements.js';

let api: TestApi;
beforeAll(async () => (api = await startApiWithWeeks()));
afterAll(() => api.close());

const place = () => twoUnits(api);
const lifecycleOf = async (as: ApiClient, id: string): Promise<string> =>
  (await as.call(devicesApi.get, { params: { id } })).lifecycle;

test('a placed device stands there and is in use; ended, it is in stock again', async () => {
  const { unit, as, lock } = await place();
  const placed = await as.call(placementsApi.place, {
    body: { deviceId: lock.id, nodeId: unit.id, purpose: 'operation' },
  });
  expect(placed).toMatchObject({
    nodeName: unit.name,
    assetTag: lock.assetTag,
    endsAt: null,
    trialId: null,
    seriesId: placed.id,
  });
  expect(await lifecycleOf(as, lock.id)).toBe('in_use');
  const ended = await as.call(placementsApi.end, { params: { id: placed.id }, body: { reason: 'flyttad' } });
  expect(ended.endsAt).not.toBeNull();
  expect(await lifecycleOf(as, lock.id)).toBe('in_stock');
  const log = await api.db.query<object[]>(
    `select action, reason from audit_log where subject_id in ($1, $2) order by id`,
    [placed.id, lock.id],
  );
  expect(log).toEqual([
    { action: 'placement.place', reason: null },
    { action: 'device.edit', reason: 'it has been placed' },
    { action: 'placement.end', reason: 'flyttad' },
    { action: 'device.edit', reason: 'its placement has ended' },
  ]);
});

test('a device that stands somewhere cannot be placed elsewhere, and the answer says where it stands', async () => {
  const { unit, otherUnit, as, lock } = await place();
  await put(as, { deviceId: lock.id, nodeId: unit.id });
  const refused = await put(as, { deviceId: lock.id, nodeId: otherUnit.id });
  expect(refused).toMatchObject({ status: 409, body: { code: 'placement_overlaps' } });
  expect((refused.body as { message: string }).message).toContain(`${lock.assetTag} stands at ${unit.name}`);
});

test('of many who place the same device at once, one succeeds', async () => {
  const { unit, otherUnit, as, lock } = await place();
  const answers = await Promise.all(
    [unit, otherUnit, unit, otherUnit, unit].map((at) => put(as, { deviceId: lock.id, nodeId: at.id })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
});

test('one placement may begin at the instant where another ends', async () => {
  const { unit, otherUnit, as, lock } = await place();
  const [first, second] = [daysAgo(3).toISOString(), daysAgo(2).toISOString()];
  expect((await put(as, { deviceId: lock.id, nodeId: unit.id, startsAt: first, endsAt: second })).status).toBe(200);
  expect((await put(as, { deviceId: lock.id, nodeId: otherUnit.id, startsAt: second })).status).toBe(200);
});

test('a placement that has ended leaves the device in stock', async () => {
  const { unit, as, lock } = await place();
  await put(as, {
    deviceId: lock.id,
    nodeId: unit.id,
    startsAt: daysAgo(3).toISOString(),
    endsAt: daysAgo(2).toISOString(),
  });
  expect(await lifecycleOf(as, lock.id)).toBe('in_stock');
});

test('a device or node out of scope does not exist', async () => {
  const { root, unit, lock } = await place();
  const away = await node(api, root);
  const elsewhere = await device(api, away);
  const as = api.as(await user(api, { role: 'technician', node: unit }));
  expect((await put(as, { deviceId: lock.id, nodeId: away.id })).status).toBe(404);
  expect((await put(as, { deviceId: elsewhere.id, nodeId: unit.id })).status).toBe(404);
});

test('who has a device as a guest may read its placement, not end it', async () => {
  const { root, unit } = await place();
  const guest = await device(api, await node(api, root));
  const { id } = await placement(api, { device: guest, node: unit });
  const as = api.as(await user(api, { role: 'technician', node: unit }));
  expect((await as.call(placementsApi.list, { query: {} })).rows).toMatchObject([{ id }]);
  expect((await as.raw(placementsApi.end, { params: { id }, body: {} })).status).toBe(404);
});

test('a trial placement needs a trial of the device’s family, that the caller may read', async () => {
  const { root, unit, as, lock } = await place();
  const screens = await trial(api, unit, { family: 'smart_screen' });
  const away = await trial(api, await node(api, root));
  const locks = await trial(api, unit);
  const code = async (terms: object) =>
    ((await put(as, { deviceId: lock.id, nodeId: unit.id, purpose: 'trial', ...terms })).body as { code: string }).code;
  expect(await code({})).toBe('placement_needs_trial');
  expect(await code({ trialId: screens.id })).toBe('trial_family_differs');
  expect(await code({ trialId: away.id })).toBe('not_found');
  expect(await code({ trialId: locks.id, purpose: 'operation' })).toBe('placement_takes_no_trial');
  expect(await code({ purpose: 'operation', arm: 'comparator' })).toBe('placement_arm_not_allowed');
  const placed = await put(as, {
    deviceId: lock.id,
    nodeId: unit.id,
    purpose: 'trial',
    trialId: locks.id,
    arm: 'intervention',
  });
  expect(placed.body).toMatchObject({ trialId: locks.id, trialCode: locks.code, arm: 'intervention' });
});

test.each([
  [{ startsAt: daysAgo(91).toISOString() }, 'time_before_kept_usage'],
  [{ startsAt: daysAgo(-1).toISOString() }, 'time_in_future'],
  [{ startsAt: daysAgo(1).toISOString(), endsAt: daysAgo(2).toISOString() }, 'placement_times'],
  [{ startsAt: daysAgo(1).toISOString(), endsAt: daysAgo(1).toISOString() }, 'placement_times'],
])('the times %j are refused as %s', async (times, code) => {
  const { unit, as, lock } = await place();
  expect(await put(as, { deviceId: lock.id, nodeId: unit.id, ...times })).toMatchObject({
    status: 422,
    body: { code },
  });
});

test('a node that is closed takes no device', async () => {
  const { area, as, lock } = await place();
  const closed = await node(api, area, { validTo: '2024-01-01' });
  const refused = await put(as, { deviceId: lock.id, nodeId: closed.id });
  expect(refused).toMatchObject({ status: 422, body: { code: 'node_not_in_force' } });
});

test.each(['ordered', 'lost', 'retired'] as const)('a device that is %s cannot be placed', async (lifecycle) => {
  const { unit, as } = await place();
  const absent = await device(api, unit, { lifecycle });
  const refused = await put(as, { deviceId: absent.id, nodeId: unit.id });
  expect(refused).toMatchObject({ status: 422, body: { code: 'lifecycle_not_reachable' } });
});

test('a placement ends once, after its start, and within kept usage', async () => {
  const { unit, as, lock } = await place();
  const held = await placement(api, { device: lock, node: unit }, { startsAt: daysAgo(120) });
  const end = (body: object) => as.raw(placementsApi.end, { params: { id: held.id }, body });
  expect(await end({ endsAt: daysAgo(121).toISOString() })).toMatchObject({ status: 422 });
  expect(await end({ endsAt: daysAgo(91).toISOString() })).toMatchObject({
    status: 422,
    body: { code: 'time_before_kept_usage' },
  });
  expect(await end({ endsAt: daysAgo(1).toISOString() })).toMatchObject({ status: 200 });
  expect(await end({})).toMatchObject({ status: 409, body: { code: 'ended_already' } });
});

test('a swap changes neither unit, purpose nor family, and takes over from nothing that has ended', async () => {
  const { unit, otherUnit, as, lock } = await place();
  const held = await placement(api, { device: lock, node: unit }, { startsAt: daysAgo(30) });
  const spare = await device(api, unit, { lifecycle: 'in_stock' });
  const screen = await device(api, unit, {
    lifecycle: 'in_stock',
    product: await product(api, unit, { family: 'smart_screen' }),
  });
  const code = async (terms: object) =>
    ((await put(as, { deviceId: spare.id, nodeId: unit.id, replaces: held.id, ...terms })).body as { code: string })
      .code;
  expect(await code({ nodeId: otherUnit.id })).toBe('swap_not_possible');
  expect(await code({ purpose: 'test' })).toBe('swap_not_possible');
  expect(await code({ deviceId: screen.id })).toBe('swap_not_possible');
  expect(await code({ deviceId: lock.id })).toBe('swap_not_possible');
  expect(await code({ startsAt: daysAgo(31).toISOString() })).toBe('swap_not_possible');
  await as.call(placementsApi.end, { params: { id: held.id }, body: {} });
  expect(await code({})).toBe('swap_not_possible');
});

test('two devices that are swapped for each other’s at once do not deadlock', async () => {
  const { unit, as } = await place();
  const pairs = await Promise.all(
    [1, 2].map(async () => {
      const [standing, spare] = [await device(api, unit), await device(api, unit, { lifecycle: 'in_stock' })];
      return { spare, held: await placement(api, { device: standing, node: unit }, { startsAt: daysAgo(30) }) };
    }),
  );
  const [one, other] = [pairs[0]!, pairs[1]!];
  const swaps = [
    put(as, { deviceId: one.spare.id, nodeId: unit.id, replaces: one.held.id }),
    put(as, { deviceId: one.spare.id, nodeId: unit.id, replaces: other.held.id }),
    put(as, { deviceId: other.spare.id, nodeId: unit.id, replaces: one.held.id }),
    put(as, { deviceId: other.spare.id, nodeId: unit.id, replaces: other.held.id }),
  ];
  const statuses = (await Promise.all(swaps)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(2);
  expect(statuses.every((status) => [200, 409, 422].includes(status))).toBe(true);
});

test('a device that is checked in stands nowhere; one that is lost or in repair keeps its place', async () => {
  const { unit, as } = await place();
  for (const [lifecycle, stands] of [
    ['in_stock', false],
    ['lost', true],
    ['in_repair', true],
  ] as const) {
    const used = await device(api, unit);
    await placement(api, { device: used, node: unit });
    const view = await as.call(devicesApi.edit, { params: { id: used.id }, body: { lifecycle } });
    expect([lifecycle, view.lifecycle, view.placement !== null]).toEqual([lifecycle, lifecycle, stands]);
  }
});

test('placements are listed newest first, by device, trial, or a node with what is below it', async () => {
  const { area, unit, otherUnit, as, lock } = await place();
  const locks = await trial(api, unit);
  const old = await placement(api, { device: lock, node: unit }, { startsAt: daysAgo(9), endsAt: daysAgo(5) });
  const young = await placement(api, { device: lock, node: otherUnit }, { trial: locks, startsAt: daysAgo(5) });
  const ids = async (query: object) => (await as.call(placementsApi.list, { query })).rows.map(({ id }) => id);
  expect(await ids({})).toEqual([young.id, old.id]);
  expect(await ids({ trialId: locks.id })).toEqual([young.id]);
  expect(await ids({ nodeId: unit.id })).toEqual([old.id]);
  expect(await ids({ nodeId: area.id, deviceId: lock.id })).toEqual([young.id, old.id]);
  expect(await ids({ search: locks.code.toLowerCase() })).toEqual([young.id]);
});
