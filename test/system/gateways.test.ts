import { createHash } from 'node:crypto';
import { auditApi, DISCONNECT_CHANNEL, gatewaysApi } from '#contracts';
import { READ_CHANGED_GATEWAYS, READ_CUSTODY_VERSION } from '#database';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startApi, type TestApi } from '../support/api.js';
import * as build from '../support/builders.js';

let api: TestApi;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

async function place() {
  const root = await build.municipality(api);
  const unit = await build.node(api, root);
  const technician = await build.user(api, { role: 'technician', node: unit });
  const as = api.as(technician);
  const register = (given: object = {}) =>
    as.call(gatewaysApi.register, {
      body: { ownerNodeId: unit.id, name: 'Bryggan i källaren', ecosystem: 'zigbee2mqtt', ...given },
    });
  return { root, unit, technician, as, register };
}

const heard = (key: number, name: string, at = 'now()') =>
  api.db.query(
    `insert into gateway_heard (gateway_key, external_name, first_at, last_at, messages) values ($1, $2, ${at}, ${at}, 7)`,
    [key, name],
  );
const keyOf = async (id: string): Promise<number> =>
  (await api.db.query<{ key: number }[]>('select key from gateway where id = $1', [id]))[0]?.key ?? 0;

describe('a gateway', () => {
  test('is registered with a secret that is shown once and stored as its SHA-256', async () => {
    const { root, as, register } = await place();
    const { gateway, credentials } = await register();
    expect(gateway).toMatchObject({ topicPrefix: 'zigbee2mqtt', topics: ['zigbee2mqtt/#'], children: 0, heard: 0 });
    const stored = await api.db.query<{ secret_sha256: Buffer }[]>(
      'select secret_sha256 from gateway_credential where gateway_id = $1',
      [gateway.id],
    );
    expect(stored.map((row) => row.secret_sha256)).toEqual([createHash('sha256').update(credentials.secret).digest()]);
    expect(JSON.stringify(await as.call(gatewaysApi.get, { params: { id: gateway.id } }))).not.toContain(
      credentials.secret,
    );
    const auditor = api.as(await build.user(api, { role: 'auditor', node: root }));
    const log = await auditor.call(auditApi.list, { query: { subjectId: gateway.id } });
    expect(log.rows.map(({ action }) => action)).toEqual(['gateway.register']);
    expect(JSON.stringify(log)).not.toContain(credentials.secret);
  });

  test.each([
    ['thingsboard', 'own', '', 'v1/gateway/telemetry'],
    ['chirpstack', null, '', 'application/+/device/+/event/+'],
    ['chirpstack', 'region/eu', 'region/eu', 'region/eu/application/+/device/+/event/+'],
    ['homie', null, 'homie', 'homie/5/#'],
    ['sparkplug', 'own', '', 'spBv1.0/#'],
    ['homeassistant', 'hem', 'hem', 'hem/#'],
  ] as const)('of %s with the prefix %s has %s: %s', async (ecosystem, topicPrefix, ...expected) => {
    const { register } = await place();
    const { gateway } = await register({ ecosystem, topicPrefix });
    expect([gateway.topicPrefix, ...gateway.topics]).toEqual(expect.arrayContaining(expected));
  });

  test.each(['#', 'a/+', 'wt/v1', 'wt', '$SYS', '/a', 'a/', ''])(
    'cannot begin its topics with %j',
    async (topicPrefix) => {
      const { as, unit } = await place();
      const body = { ownerNodeId: unit.id, name: 'x', ecosystem: 'homie', topicPrefix };
      expect((await as.raw(gatewaysApi.register, { body })).status).toBe(400);
    },
  );

  test('is found by its words, and another municipality’s is not', async () => {
    const { as, register, unit } = await place();
    await register();
    await (await place()).register();
    const { rows, total } = await as.call(gatewaysApi.list, { query: { search: 'källaren' } });
    expect([total, rows[0]?.ownerNodeName]).toEqual([1, unit.name]);
    expect((await as.call(gatewaysApi.list, { query: { search: 'vinden' } })).total).toBe(0);
  });

  test('gets a new secret while the old one goes on for a day; with revokeOld it ends and is disconnected', async () => {
    const { as, register } = await place();
    const { gateway } = await register();
    const params = { id: gateway.id };
    const key = await keyOf(gateway.id);
    const told: string[] = [];
    const listener = new pg.Client({ connectionString: api.databaseUrl });
    await listener.connect();
    listener.on('notification', ({ payload }) => told.push(payload ?? ''));
    await listener.query(`listen ${DISCONNECT_CHANNEL}`);
    await as.call(gatewaysApi.rotateSecret, { params, body: {} });
    const ends = () =>
      api.db.query<{ end: Date | null }[]>(
        'select least(expires_at, revoked_at) as end from gateway_credential where gateway_id = $1 order by created_at',
        [gateway.id],
      );
    const [old, fresh] = await ends();
    expect(old?.end?.getTime()).toBeGreaterThan(Date.now() + 23 * 3_600_000);
    expect(fresh?.end).toBe(null);
    await as.call(gatewaysApi.rotateSecret, { params, body: { revokeOld: true } });
    expect((await ends()).filter(({ end }) => end === null || end > new Date())).toHaveLength(1);
    await vi.waitFor(() => expect(told).toEqual([String(-key)]));
    await listener.end();
  });

  test('shows the edge nodes behind it, and what their own counts show to be missing', async () => {
    const { as, register } = await place();
    const { gateway } = await register({ ecosystem: 'sparkplug' });
    const session = { bdSeq: 3, seq: null, bornAtMs: 1_763_800_000_000, devices: { '': {}, lås: {}, spis: {} } };
    await api.db.query(
      `insert into adapter_session (login_key, sender, session, gaps, last_gap_at, last_gap)
       values ($1, 'Kommun/nod', $2, 4, '2025-11-22T09:00:00Z', 'seq 5 came after 1: 3 missing')`,
      [-(await keyOf(gateway.id)), session],
    );
    const { senders } = await as.call(gatewaysApi.get, { params: { id: gateway.id } });
    expect(senders).toEqual([
      {
        name: 'Kommun/nod',
        bornAt: '2025-11-22T08:26:40.000Z',
        devices: 2,
        gaps: 4,
        lastGapAt: '2025-11-22T09:00:00.000Z',
        lastGap: 'seq 5 came after 1: 3 missing',
      },
    ]);
  });

  test('closes with its secrets and its devices, once', async () => {
    const { as, register, unit } = await place();
    const { gateway } = await register();
    const params = { id: gateway.id };
    const device = await build.device(api, unit);
    await as.call(gatewaysApi.addChild, { params, body: { externalName: 'lås', deviceId: device.id } });
    const closed = await as.call(gatewaysApi.close, { params });
    expect(closed).toMatchObject({ children: 0 });
    expect(await as.call(gatewaysApi.close, { params })).toEqual(closed);
    expect(await as.raw(gatewaysApi.rotateSecret, { params, body: {} })).toMatchObject({
      status: 409,
      body: { code: 'ended_already' },
    });
    const again = await place();
    expect((await again.register()).gateway.id).not.toBe(gateway.id);
  });

  test('is changed: name, owner and prefix', async () => {
    const { as, register, root, unit } = await place();
    const { gateway } = await register();
    const params = { id: gateway.id };
    const child = await build.node(api, unit, { kind: 'place' });
    const body = { name: 'Bryggan på vinden', ownerNodeId: child.id, topicPrefix: 'z2m' };
    expect(await as.call(gatewaysApi.edit, { params, body })).toMatchObject({ ...body, topics: ['z2m/#'] });
    const elsewhere = await build.node(api, root);
    expect((await as.raw(gatewaysApi.edit, { params, body: { ownerNodeId: elsewhere.id } })).status).toBe(404);
  });
});

describe('a gateway’s device', () => {
  test('is granted by its name there; a name or a device already granted collides', async () => {
    const { as, register, unit } = await place();
    const { gateway } = await register();
    const params = { id: gateway.id };
    const [one, other] = [await build.device(api, unit), await build.device(api, unit)];
    const child = await as.call(gatewaysApi.addChild, { params, body: { externalName: 'kök/lås', deviceId: one.id } });
    expect(child).toMatchObject({ externalName: 'kök/lås', assetTag: one.assetTag, isMapped: false });
    for (const body of [
      { externalName: 'kök/lås', deviceId: other.id },
      { externalName: 'annat', deviceId: one.id },
    ]) {
      expect((await as.raw(gatewaysApi.addChild, { params, body })).status).toBe(409);
    }
    await as.call(gatewaysApi.removeChild, { params: { ...params, childId: child.id } });
    await as.call(gatewaysApi.removeChild, { params: { ...params, childId: child.id } });
    expect((await as.call(gatewaysApi.get, { params })).children).toEqual([]);
    const again = await as.call(gatewaysApi.addChild, {
      params,
      body: { externalName: 'kök/lås', deviceId: other.id },
    });
    expect(again.deviceId).toBe(other.id);
  });

  test('of another unit cannot be granted, and a retired one neither', async () => {
    const { as, register, root, unit } = await place();
    const params = { id: (await register()).gateway.id };
    const elsewhere = await build.device(api, await build.node(api, root));
    const retired = await build.device(api, unit, { lifecycle: 'retired' });
    const add = (deviceId: string) => as.raw(gatewaysApi.addChild, { params, body: { externalName: 'x', deviceId } });
    expect((await add(elsewhere.id)).status).toBe(404);
    expect(await add(retired.id)).toMatchObject({ status: 422, body: { code: 'device_retired' } });
  });

  test('out of the reader’s scope is named by the other system’s name alone', async () => {
    const { root, unit } = await place();
    const gateway = await build.gateway(api, unit);
    const device = await build.device(api, await build.node(api, root));
    await build.gatewayChild(api, { gateway, device, externalName: 'lås-9' });
    const manager = api.as(await build.user(api, { role: 'manager', node: unit }));
    const { children } = await manager.call(gatewaysApi.get, { params: { id: gateway.id } });
    expect(children).toMatchObject([{ externalName: 'lås-9', deviceId: null, assetTag: null, productName: null }]);
  });
});

describe('names heard but not granted', () => {
  test('are shown for 14 days (rule K3), and are gone once granted', async () => {
    const { as, register, unit } = await place();
    const { gateway } = await register();
    const [params, key] = [{ id: gateway.id }, await keyOf(gateway.id)];
    await heard(key, 'ny/dörr');
    await heard(key, 'gammal', `now() - interval '15 days'`);
    const page = await as.call(gatewaysApi.get, { params });
    expect(page.heard).toMatchObject([{ externalName: 'ny/dörr', messages: 7 }]);
    expect(page.gateway.heard).toBe(1);
    const device = await build.device(api, unit);
    await as.call(gatewaysApi.addChild, { params, body: { externalName: 'ny/dörr', deviceId: device.id } });
    expect((await as.call(gatewaysApi.get, { params })).heard).toEqual([]);
  });

  test('are for those who may read devices, not for staff', async () => {
    const { register, unit } = await place();
    const { gateway } = await register();
    const staff = api.as(await build.user(api, { role: 'staff', node: unit }));
    expect((await staff.raw(gatewaysApi.get, { params: { id: gateway.id } })).status).toBe(403);
  });
});

test('every change raises the custody version, and stamps the gateway for ingest to reload', async () => {
  const { as, register, unit } = await place();
  const version = async () =>
    Number((await api.db.query<{ version: string }[]>(READ_CUSTODY_VERSION.text))[0]?.version);
  const changedSince = async (since: number) =>
    (await api.db.query<{ id: string; children: object[] }[]>(READ_CHANGED_GATEWAYS.text, [since])).map(
      ({ id, children }) => [id, children.length],
    );
  const { gateway } = await register();
  const params = { id: gateway.id };
  const device = await build.device(api, unit);
  const step = async (act: () => Promise<unknown>) => {
    const before = await version();
    await act();
    expect(await version()).toBeGreaterThan(before);
    return changedSince(before);
  };
  const body = { externalName: 'lås', deviceId: device.id };
  let childId = '';
  const add = async () => void ({ id: childId } = await as.call(gatewaysApi.addChild, { params, body }));
  expect(await step(add)).toEqual([[gateway.id, 1]]);
  expect(await step(() => as.call(gatewaysApi.removeChild, { params: { ...params, childId } }))).toEqual([
    [gateway.id, 0],
  ]);
  expect(await step(() => as.call(gatewaysApi.rotateSecret, { params, body: {} }))).toEqual([[gateway.id, 0]]);
  expect(await step(() => as.call(gatewaysApi.close, { params }))).toEqual([[gateway.id, 0]]);
});
