import { rejectsApi } from '#contracts';
import type { Role } from '#domain';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiClient, startApi, type TestApi } from '../support/api.js';
import { device, grant, municipality, node, placement, trial, user } from '../support/builders.js';

let api: TestApi;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

interface Given {
  deviceKey: number | null;
  code?: string;
  topic?: string;
  payload?: Buffer | null;
}

async function reject({
  deviceKey,
  code = 'schema',
  topic = 'wt/v1/x/usage',
  payload = Buffer.from('{"id":'),
}: Given): Promise<void> {
  await api.db.query(
    `insert into rejected_message (received_at, device_key, client_name, topic, code, reason, element, payload, payload_bytes)
    values (now(), $1, 'x', $2, $3, 'metric: is missing', 2, $4, $5)`,
    [deviceKey, topic, code, payload, payload?.length ?? 0],
  );
}

async function place() {
  const root = await municipality(api);
  const [unit, otherUnit] = [await node(api, root), await node(api, root)];
  const as = async (role: Role, at = unit): Promise<ApiClient> => api.as(await user(api, { role, node: at }));
  return { root, unit, otherUnit, as };
}

test('a technician sees why a device’s message was not taken, with what it sent', async () => {
  const { unit, as } = await place();
  const lock = await device(api, unit);
  await reject({ deviceKey: lock.key });
  const { rows, total } = await (await as('technician')).call(rejectsApi.list, { query: {} });
  expect(total).toBe(1);
  expect(rows[0]).toMatchObject({
    deviceId: lock.id,
    assetTag: lock.assetTag,
    code: 'schema',
    element: 2,
    payload: '{"id":',
    payloadBytes: 6,
  });
});

test('another unit’s rejects are not in the list', async () => {
  const { otherUnit, as } = await place();
  await reject({ deviceKey: (await device(api, otherUnit)).key });
  expect((await (await as('technician')).call(rejectsApi.list, { query: {} })).total).toBe(0);
});

test('an auditor and an IT coordinator see the reject without its payload (rule K3)', async () => {
  const { unit, as } = await place();
  await reject({ deviceKey: (await device(api, unit)).key });
  for (const role of ['auditor', 'it_security'] as const) {
    const { rows } = await (await as(role)).call(rejectsApi.list, { query: {} });
    expect(rows).toMatchObject([{ payload: null, payloadBytes: 6 }]);
  }
});

test('a technician at one unit who audits another reads payloads at the first alone', async () => {
  const { unit, otherUnit } = await place();
  const person = await user(api, { role: 'technician', node: unit });
  await grant(api, { userId: person.id, role: 'auditor', node: otherUnit });
  const [own, audited] = [await device(api, unit), await device(api, otherUnit)];
  await reject({ deviceKey: own.key });
  await reject({ deviceKey: audited.key });
  const { rows } = await api.as(person).call(rejectsApi.list, { query: {} });
  expect(new Map(rows.map(({ deviceId, payload }) => [deviceId, payload]))).toEqual(
    new Map([
      [own.id, '{"id":'],
      [audited.id, null],
    ]),
  );
});

test('rule U8: a unit where a device stood once reads what it sent then, and not what it sends elsewhere', async () => {
  const { unit, otherUnit, as } = await place();
  const lock = await device(api, otherUnit);
  const [from, to] = [new Date(Date.now() - 7_200_000), new Date(Date.now() - 3_600_000)];
  await placement(api, { device: lock, node: unit }, { startsAt: from, endsAt: to });
  await reject({ deviceKey: lock.key, code: 'schema' });
  await reject({ deviceKey: lock.key, code: 'not_json' });
  await api.db.query(`update rejected_message set received_at = $2 where device_key = $1 and code = 'schema'`, [
    lock.key,
    new Date(to.getTime() - 60_000),
  ]);
  const [once, owner] = [await as('technician'), await as('technician', otherUnit)];
  const listed = async (client: ApiClient) => (await client.call(rejectsApi.list, { query: {} })).rows;
  expect((await listed(once)).map(({ code, payload }) => [code, payload])).toEqual([['schema', '{"id":']]);
  const all = await listed(owner);
  expect(all.map(({ code }) => code)).toEqual(['not_json', 'schema']);
  const statuses = all.map(async ({ id }) => (await once.raw(rejectsApi.get, { params: { id } })).status);
  expect(await Promise.all(statuses)).toEqual([404, 200]);
});

test('rule U8: one who has a role on a trial reads what a device sent in it', async () => {
  const { unit, otherUnit } = await place();
  const own = await trial(api, unit);
  const lock = await device(api, otherUnit);
  const from = new Date(Date.now() - 3_600_000);
  await placement(api, { device: lock, node: otherUnit }, { trial: own, startsAt: from });
  await reject({ deviceKey: lock.key, code: 'schema' });
  await reject({ deviceKey: lock.key, code: 'not_json' });
  await api.db.query(`update rejected_message set received_at = $2 where device_key = $1 and code = 'schema'`, [
    lock.key,
    new Date(from.getTime() - 60_000),
  ]);
  const technician = api.as(await user(api, { role: 'technician', trial: own }));
  const { rows } = await technician.call(rejectsApi.list, { query: {} });
  expect(rows.map(({ code }) => code)).toEqual(['not_json']);
});

test('a payload is shown in at most 2,000 characters, whatever its bytes', async () => {
  const { unit, as } = await place();
  const lock = await device(api, unit);
  await reject({ deviceKey: lock.key, code: 'schema', payload: Buffer.from('å'.repeat(3000)) });
  await reject({ deviceKey: lock.key, code: 'not_json', payload: Buffer.from([0x3c, 0x73, 0xff, 0x00, 0x3e]) });
  await reject({ deviceKey: lock.key, code: 'binary_payload', payload: null });
  const { rows } = await (await as('technician')).call(rejectsApi.list, { query: {} });
  const shown = Object.fromEntries(rows.map(({ code, payload }) => [code, payload]));
  expect(shown).toEqual({ schema: 'å'.repeat(2000), not_json: '3c 73 ff 00 3e', binary_payload: null });
});

test('messages of unknown devices are for a whole municipality’s administrator alone (rule K3)', async () => {
  const { root, unit, as } = await place();
  await reject({ deviceKey: null, code: 'unknown_device', topic: 'wt/v1/nobody/usage' });
  const codes = async (client: ApiClient) =>
    (await client.call(rejectsApi.list, { query: { code: 'unknown_device' } })).total;
  expect(await codes(await as('admin', root))).toBe(1);
  expect(await codes(await as('admin'))).toBe(0);
  expect(await codes(await as('technician', root))).toBe(0);
  const mixed = await user(api, { role: 'admin', node: unit });
  await grant(api, { userId: mixed.id, role: 'auditor', node: root });
  expect(await codes(api.as(mixed))).toBe(0);
});

test('rejects are found by device, code and words, newest first', async () => {
  const { unit, as } = await place();
  const [one, other] = [await device(api, unit, { assetTag: 'Å_1' }), await device(api, unit)];
  await reject({ deviceKey: one.key, code: 'time_too_old' });
  await reject({ deviceKey: other.key, code: 'schema' });
  const technician = await as('technician');
  const codes = async (query: object) =>
    (await technician.call(rejectsApi.list, { query })).rows.map(({ code }) => code);
  expect(await codes({})).toEqual(['schema', 'time_too_old']);
  expect(await codes({ deviceId: one.id })).toEqual(['time_too_old']);
  expect(await codes({ code: 'schema' })).toEqual(['schema']);
  expect(await codes({ search: 'å_1' })).toEqual(['time_too_old']);
  expect(await codes({ limit: 1, offset: 1 })).toEqual(['time_too_old']);
});

test('one reject is read whole by whoever may see it, and by nobody else', async () => {
  const { unit, otherUnit, as } = await place();
  await reject({ deviceKey: (await device(api, unit)).key, payload: Buffer.from('x'.repeat(5000)) });
  const { rows } = await (await as('technician')).call(rejectsApi.list, { query: {} });
  const get = async (client: ApiClient) => (await client.raw(rejectsApi.get, { params: { id: rows[0]?.id } })).body;
  expect(await get(await as('technician'))).toMatchObject({ payload: 'x'.repeat(5000) });
  expect(await get(await as('auditor'))).toMatchObject({ payload: null, payloadBytes: 5000 });
  expect(await get(await as('technician', otherUnit))).toMatchObject({ statusCode: 404 });
});

test('what a device sent in binary is shown in hexadecimal, what it sent as text as text', async () => {
  const { unit, as } = await place();
  const { key } = await device(api, unit);
  const cut = Buffer.from('på').subarray(0, 2); // in the middle of a character
  for (const payload of [Buffer.from('08ff0a12', 'hex'), cut, Buffer.from('a\u0000b'), Buffer.from('50ff', 'hex')]) {
    await reject({ deviceKey: key, payload });
  }
  const { rows } = await (await as('technician')).call(rejectsApi.list, { query: {} });
  expect(rows.map(({ payload, isPayloadHexadecimal }) => [payload, isPayloadHexadecimal]).reverse()).toEqual([
    ['08 ff 0a 12', true],
    ['p\ufffd', false],
    ['61 00 62', true],
    ['50 ff', true],
  ]);
});

test('a manager may not see rejects', async () => {
  const { as } = await place();
  expect((await (await as('manager')).raw(rejectsApi.list)).status).toBe(403);
});
