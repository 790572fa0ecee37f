import { createHash } from 'node:crypto';
import { devicesApi, DISCONNECT_CHANNEL, placementsApi } from '#contracts';
import { DeviceCredentialEntity, DeviceEntity } from '#database';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type ApiClient, startApi, type TestApi } from '../support/api.js';
import { device, grant, municipality, placement, product, user } from '../support/builders.js';
import { withClient } from '../support/connection.js';
import { minutesAgo, place, signal } from '../support/devices.js';

let api: TestApi;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

/** What ingest is told to disconnect while `work` runs. */
async function disconnectedBy(work: () => Promise<unknown>): Promise<string[]> {
  return withClient(api.databaseUrl, async (client) => {
    const heard: string[] = [];
    client.on('notification', ({ payload }) => heard.push(payload ?? ''));
    await client.query(`listen ${DISCONNECT_CHANNEL}`);
    await work();
    await client.query('select 1'); // notices come no later than the answer to a query sent after the commit
    return heard;
  });
}

const credentialsOf = (deviceId: string) =>
  api.db.manager.find(DeviceCredentialEntity, { where: { deviceId }, order: { createdAt: 'ASC' } });
const edit = (as: ApiClient, id: string, body: object) => as.raw(devicesApi.edit, { params: { id }, body });

test('a registered device has a name for MQTT and a secret that is only shown now', async () => {
  const { unit, as } = await place(api);
  const of = await product(api, unit);
  const body = { productId: of.id, ownerNodeId: unit.id, assetTag: 'L-1', serial: 'S/N 1' };
  const { device: view, credentials } = await as.call(devicesApi.register, { body });
  expect(view.publicId).toMatch(/^d-[0-9a-hjkmnp-tv-z]{12}$/);
  expect(credentials).toMatchObject({ username: view.publicId, usageTopic: `wt/v1/${view.publicId}/usage` });
  expect(Buffer.from(credentials.secret, 'base64url').length * 8).toBeGreaterThanOrEqual(128);
  const [stored] = await credentialsOf(view.id);
  expect(stored?.secretSha256).toEqual(createHash('sha256').update(credentials.secret).digest());
  expect(view).toMatchObject({
    ...body,
    lifecycle: 'in_stock',
    simulated: false,
    expectedIntervalSeconds: 3600,
    placement: null,
  });
  expect(view.signal).toMatchObject({ connected: false, reporting: 'never_seen', battery: null });
});

test('the log tells of the registration, never the secret', async () => {
  const { unit, as } = await place(api);
  const body = { productId: (await product(api, unit)).id, ownerNodeId: unit.id, assetTag: 'L-2' };
  const { device: view, credentials } = await as.call(devicesApi.register, { body });
  const log = await api.db.query<{ entry: string }[]>(
    `select a::text as entry from audit_log a where subject_id = $1`,
    [view.id],
  );
  expect(log).toHaveLength(1);
  expect(log[0]?.entry).not.toContain(credentials.secret);
});

test('no request can say that a device is simulated (rule U9)', async () => {
  const { unit, as } = await place(api);
  const body = { productId: (await product(api, unit)).id, ownerNodeId: unit.id, assetTag: 'L-3', simulated: true };
  const { device: view } = await as.call(devicesApi.register, { body });
  await edit(as, view.id, { simulated: true });
  expect(await api.db.manager.findOneBy(DeviceEntity, { id: view.id })).toMatchObject({ simulated: false });
});

test('a device cannot be of another municipality’s product, owned by a node out of scope, or take a used asset tag', async () => {
  const { unit, otherUnit, as } = await place(api);
  const own = await product(api, unit);
  const foreign = await product(api, await municipality(api));
  const body = { productId: own.id, ownerNodeId: unit.id, assetTag: 'L-4' };
  await as.call(devicesApi.register, { body });
  const status = async (change: object) =>
    (await as.raw(devicesApi.register, { body: { ...body, assetTag: 'L-5', ...change } })).status;
  expect(await status({ productId: foreign.id })).toBe(404);
  expect(await status({ ownerNodeId: otherUnit.id })).toBe(404);
  expect(await status({ assetTag: 'l-4' })).toBe(409);
});

test('who works in two municipalities cannot register one’s product at the other', async () => {
  const [one, other] = [await municipality(api), await municipality(api)];
  const both = await user(api, { role: 'technician', node: one });
  await grant(api, { userId: both.id, role: 'technician', node: other });
  const body = { productId: (await product(api, one)).id, ownerNodeId: other.id, assetTag: 'L-6' };
  expect(await api.as(both).raw(devicesApi.register, { body })).toMatchObject({
    status: 422,
    body: { code: 'municipality_differs' },
  });
});

test('the list shows each device’s latest signal and where it stands, of the scope alone', async () => {
  const { unit, otherUnit, as } = await place(api);
  const lock = await device(api, unit, { assetTag: 'Å 1' });
  await device(api, otherUnit);
  await placement(api, { device: lock, node: otherUnit });
  await signal(api, lock.key, minutesAgo(10));
  const list = await as.call(devicesApi.list, { query: {} });
  expect(list).toMatchObject({
    total: 1,
    rows: [{ id: lock.id, placement: { nodeId: otherUnit.id, nodeName: otherUnit.name } }],
  });
  expect(list.rows[0]?.signal).toMatchObject({ connected: true, reporting: 'reporting', battery: 81, firmware: '1.2' });
});

test.each([
  // A keyless lock reports every 3 600 s, with a tolerance of 3.
  [null, 179, 'reporting'],
  [null, 181, 'silent'],
  [600, 29, 'reporting'],
  [600, 31, 'silent'],
])(
  'with its own interval %s a lock last heard %s minutes ago is %s',
  async (expectedIntervalSeconds, minutes, reporting) => {
    const { unit, as } = await place(api);
    const lock = await device(api, unit, { expectedIntervalSeconds });
    await signal(api, lock.key, minutesAgo(minutes));
    expect((await as.call(devicesApi.get, { params: { id: lock.id } })).signal?.reporting).toBe(reporting);
  },
);

test('a device is found by asset tag, serial, product, lifecycle', async () => {
  const { unit, as } = await place(api);
  const of = await product(api, unit, { supplier: 'Åkerlås', model: 'Öppna' });
  await device(api, unit, { product: of, assetTag: 'A_1', serial: 'X%Y', lifecycle: 'lost' });
  await device(api, unit, { assetTag: 'AB1', serial: 'XZY' });
  const found = async (query: object) =>
    (await as.call(devicesApi.list, { query })).rows.map(({ assetTag }) => assetTag);
  expect(await found({ search: 'a_1' })).toEqual(['A_1']);
  expect(await found({ search: 'x%y' })).toEqual(['A_1']);
  expect(await found({ search: 'öppna ÅKER' })).toEqual(['A_1']);
  expect(await found({ productId: of.id })).toEqual(['A_1']);
  expect(await found({ lifecycle: 'lost' })).toEqual(['A_1']);
  expect(await found({ search: 'ab' })).toEqual(['AB1']);
});

test('a thousand devices take a handful of queries, not one each', async () => {
  const { unit, as } = await place(api);
  const of = await product(api, unit);
  await api.db.query(
    `insert into device (id, public_id, root_id, owner_node_id, product_id, asset_tag, lifecycle)
    select gen_random_uuid(), 'many-' || n, $1, $2, $3, 'M-' || lpad(n::text, 4, '0'), 'in_stock' from generate_series(1, 1001) n`,
    [unit.rootId, unit.id, of.id],
  );
  const asked = vi.spyOn(api.db.driver as unknown as { createQueryRunner: () => unknown }, 'createQueryRunner');
  const list = await as.call(devicesApi.list, { query: { limit: 1000 } });
  expect([list.rows.length, list.total]).toEqual([1000, 1001]);
  expect(asked.mock.calls.length).toBeLessThan(10);
  asked.mockRestore();
});

test('a change leaves alone what it does not name', async () => {
  const { unit, as } = await place(api);
  const lock = await device(api, unit, { serial: 'S-1', lifecycle: 'in_repair', expectedIntervalSeconds: 900 });
  const view = await as.call(devicesApi.edit, { params: { id: lock.id }, body: { assetTag: 'Ny' } });
  expect(view).toMatchObject({ assetTag: 'Ny', serial: 'S-1', lifecycle: 'in_repair', expectedIntervalSeconds: 900 });
});

test('a lost device cannot be put to use before it is checked in', async () => {
  const { unit, as } = await place(api);
  const lost = await device(api, unit, { lifecycle: 'lost' });
  expect(await edit(as, lost.id, { lifecycle: 'in_use' })).toMatchObject({
    status: 422,
    body: { code: 'lifecycle_not_reachable' },
  });
  expect(await edit(as, lost.id, { lifecycle: 'in_stock' })).toMatchObject({
    status: 200,
    body: { lifecycle: 'in_stock' },
  });
});

test('a retired device loses its secrets, its placement and its connection', async () => {
  const { unit, as } = await place(api);
  const old = await device(api, unit);
  await placement(api, { device: old, node: unit });
  const heard = await disconnectedBy(() =>
    as.call(devicesApi.edit, { params: { id: old.id }, body: { lifecycle: 'retired' } }),
  );
  expect(heard).toEqual([String(old.key)]);
  expect((await credentialsOf(old.id)).every(({ revokedAt }) => revokedAt !== null)).toBe(true);
  const [ended] = (await as.call(placementsApi.list, { query: { deviceId: old.id } })).rows;
  expect(ended?.endsAt).not.toBeNull();
  expect(await as.call(devicesApi.get, { params: { id: old.id } })).toMatchObject({
    lifecycle: 'retired',
    placement: null,
  });
  const again = await as.raw(devicesApi.rotateSecret, { params: { id: old.id }, body: {} });
  expect(again).toMatchObject({ status: 422, body: { code: 'device_retired' } });
});

test('a new secret leaves the old one valid for a day, and disconnects nobody', async () => {
  const { unit, as } = await place(api);
  const lock = await device(api, unit);
  const heard = await disconnectedBy(() => as.call(devicesApi.rotateSecret, { params: { id: lock.id }, body: {} }));
  const [before, after] = await credentialsOf(lock.id);
  expect(heard).toEqual([]);
  expect(before?.revokedAt).toBeNull();
  const hours = ((before?.expiresAt?.getTime() ?? 0) - Date.now()) / 3_600_000;
  expect(hours).toBeCloseTo(24, 1);
  expect(after).toMatchObject({ expiresAt: null, revokedAt: null });
});

test('with revokeOld the old secret ends now and the device is disconnected', async () => {
  const { unit, as } = await place(api);
  const lock = await device(api, unit);
  const heard = await disconnectedBy(() =>
    as.call(devicesApi.rotateSecret, { params: { id: lock.id }, body: { revokeOld: true } }),
  );
  const [before, after] = await credentialsOf(lock.id);
  expect(heard).toEqual([String(lock.key)]);
  expect(before?.revokedAt).not.toBeNull();
  expect(after?.revokedAt).toBeNull();
});

test('at most two secrets are valid at once', async () => {
  const { unit, as } = await place(api);
  const lock = await device(api, unit);
  for (let times = 0; times < 3; times++) await as.call(devicesApi.rotateSecret, { params: { id: lock.id }, body: {} });
  const valid = (await credentialsOf(lock.id)).filter(({ revokedAt }) => revokedAt === null);
  expect(valid).toHaveLength(2);
});

test('the two roles that only read may not register or edit', async () => {
  const { unit } = await place(api);
  const lock = await device(api, unit);
  for (const role of ['manager', 'auditor'] as const) {
    const as = api.as(await user(api, { role, node: unit }));
    expect([role, (await as.raw(devicesApi.list)).status, (await edit(as, lock.id, {})).status]).toEqual([
      role,
      200,
      403,
    ]);
  }
});
