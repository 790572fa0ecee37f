import { devicesApi, healthApi, liveApi, placementsApi, productsApi, systemApi } from '#contracts';
import type { OrgNodeEntity } from '#database';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Ingest } from '../../apps/ingest/src/ingest.js';
import { type ApiClient, startApi, type TestApi } from '../support/api.js';
import { municipality, user } from '../support/builders.js';
import { pickPort } from '../support/free-port.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

const PATIENCE = { timeout: 20_000, interval: 50 };

let database: TestDatabase;
let port: number;
let ingest: Ingest;
let api: TestApi;
let root: OrgNodeEntity;
let technician: ApiClient;

const startIngest = (): Promise<Ingest> =>
  Ingest.start({ databaseUrl: database.url, bind: '127.0.0.1', mqttPort: port, log: pino({ level: 'silent' }) });

beforeAll(async () => {
  [database, port] = [await createDatabase(), await pickPort()];
  ingest = await startIngest();
  const env = { MQTT_PORT: String(port), CANARY_SECONDS: '0.5', LOG_LEVEL: 'silent' };
  api = await startApi(env, { database });
  root = await municipality(api);
  technician = api.as(await user(api, { role: 'technician', node: root }));
});
afterAll(async () => {
  await api?.close();
  await ingest?.stop();
});

const canary = async () => (await technician.call(systemApi.read)).canary;
const flies = (state: string): Promise<void> =>
  vi.waitFor(async () => expect(await canary()).toMatchObject({ state }), PATIENCE);
const alarms = (): Promise<{ isOpen: boolean }[]> =>
  api.db.query(
    `select closed_at is null as "isOpen" from notification where kind = 'canary_silent' order by created_at`,
  );

describe('the canary', () => {
  test('comes through within seconds, and tells how long it took', async () => {
    await flies('ok');
    const view = await canary();
    expect(view).toMatchObject({ state: 'ok', reason: null, misses: 0, deviceId: expect.any(String) as string });
    expect(view.rowMs).toBeGreaterThanOrEqual(view.ackMs ?? Infinity);
    expect(Date.now() - Date.parse(view.lastOkAt ?? '')).toBeLessThan(10_000);
  });

  test('is an ordinary device of the municipality for tests: in no list, on no page, in no count (rule U9)', async () => {
    await flies('ok');
    const [{ uses } = { uses: 0 }] = await api.db.query<{ uses: number }[]>(
      `select count(*)::int as uses from usage u join device d on d.key = u.device_key join placement p on p.key = u.placement_key
      where d.is_canary and d.root_id = $1 and p.purpose = 'test' and p.node_id = $1`,
      [root.id],
    );
    expect(uses).toBeGreaterThan(0);
    expect((await technician.call(devicesApi.list, { query: {} })).rows).toEqual([]);
    expect((await technician.call(placementsApi.list, { query: {} })).rows).toEqual([]);
    expect((await technician.call(productsApi.list, { query: {} })).rows).toEqual([]);
    expect((await technician.call(liveApi.units)).units).toEqual([]);
    const page = await technician.call(liveApi.unit, { params: { id: root.id } });
    expect([page.devices, page.totals, page.hours]).toEqual([[], [], []]);
    const { days } = await technician.call(liveApi.unitDays, { params: { id: root.id } });
    expect(days.filter(({ used, unused, unknown }) => used + unused + unknown > 0)).toEqual([]);
    expect(await api.db.query('select * from qualifying_day')).toEqual([]);
  });

  test('is shown to whoever asks for it, as what it is', async () => {
    const { rows } = await technician.call(devicesApi.list, { query: { canaries: 'included' } });
    expect(rows).toMatchObject([
      { isCanary: true, simulated: false, signal: { connected: true, reporting: 'reporting' } },
    ]);
    expect(rows[0]?.publicId).toMatch(/^canary-/);
  });

  test('alarms when nothing comes through, without taking the product down, and says when it is over', async () => {
    await flies('ok');
    await ingest.stop();
    await flies('silent');
    await vi.waitFor(async () => expect(await alarms()).toEqual([{ isOpen: true }]), PATIENCE);
    const { body } = await api.raw(healthApi.ready);
    expect(body).toMatchObject({ parts: { canary: { ok: true, message: 'is silent' } } });
    ingest = await startIngest();
    await flies('ok');
    await vi.waitFor(async () => expect(await alarms()).toEqual([{ isOpen: false }]), PATIENCE);
  }, 60_000);

  test('whose secret somebody has replaced gets a new one, the only one that is valid', async () => {
    await flies('ok');
    const { deviceId } = await canary();
    await technician.call(devicesApi.rotateSecret, { params: { id: deviceId ?? '' }, body: { revokeOld: true } });
    const before = Date.now();
    await vi.waitFor(async () => {
      expect(Date.parse((await canary()).lastOkAt ?? '')).toBeGreaterThan(before + 3_000);
    }, PATIENCE);
    const valid = await api.db.query<unknown[]>(
      'select 1 from device_credential where device_id = $1 and revoked_at is null',
      [deviceId],
    );
    expect(valid).toHaveLength(1);
  }, 60_000);

  test('of a further municipality takes off by itself, and each is told of its own', async () => {
    const other = await municipality(api);
    const there = api.as(await user(api, { role: 'it_security', node: other }));
    await vi.waitFor(
      async () => expect((await there.call(systemApi.read)).canary).toMatchObject({ state: 'ok' }),
      PATIENCE,
    );
    const [own, others] = [await canary(), (await there.call(systemApi.read)).canary];
    expect(own.deviceId).not.toBe(others.deviceId);
  }, 60_000);
});

test('a process that starts beside it stands by, and takes over when it goes', async () => {
  await flies('ok');
  const second = await startApi(
    { MQTT_PORT: String(port), CANARY_SECONDS: '0.5', LOG_LEVEL: 'silent' },
    { database: { url: database.url, drop: async () => undefined } },
  );
  const keepers = (): Promise<{ pid: number }[]> =>
    second.db.query(`select pid from pg_locks where locktype = 'advisory' and objid = 7428351 and granted
      and database = (select oid from pg_database where datname = current_database())`);
  const [first] = await keepers();
  await api.db.query('select pg_terminate_backend($1)', [first?.pid]);
  await vi.waitFor(async () => {
    const now = await keepers();
    expect(now).toHaveLength(1);
    expect(now).not.toEqual([first]);
  }, PATIENCE);
  const since = Date.now();
  await vi.waitFor(async () => expect(Date.parse((await canary()).lastOkAt ?? '')).toBeGreaterThan(since), PATIENCE);
  await second.close();
}, 60_000);

test('without a broker it is off, and says why', async () => {
  const lonely = await startApi();
  const at = await municipality(lonely);
  const admin = lonely.as(await user(lonely, { role: 'admin', node: at }));
  expect((await admin.call(systemApi.read)).canary).toMatchObject({ state: 'off', reason: 'no_broker' });
  expect((await lonely.raw(healthApi.ready)).body).toMatchObject({
    parts: { canary: { ok: true, message: 'is off: no_broker' } },
  });
  await lonely.close();
});
