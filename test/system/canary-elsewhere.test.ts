import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { devicesApi, liveApi, systemApi } from '#contracts';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { DEMO_PASSWORD } from '../../apps/api/src/demo/demo-people.js';
import { removeDemo } from '../../apps/api/src/demo/remove-demo.js';
import { seedDemo } from '../../apps/api/src/demo/seed-demo.js';
import { Ingest } from '../../apps/ingest/src/ingest.js';
import { startApi } from '../support/api.js';
import { municipality, user } from '../support/builders.js';
import { pickPort } from '../support/free-port.js';
import { startMosquitto } from '../support/mosquitto.js';
import { createDatabase } from '../support/postgres.js';
import { describeWith } from '../support/requires.js';
import { tokenOf } from '../support/system.js';
import { startWorkerHere } from '../support/worker.js';

const PATIENCE = { timeout: 25_000, interval: 50 };

test('the demo has its canary, which shows in none of its figures and goes with it (rule K4)', async () => {
  const [database, port, dataDir] = [
    await createDatabase(),
    await pickPort(),
    await mkdtemp(join(tmpdir(), 'canary-')),
  ];
  const log = pino({ level: 'silent' });
  const ingest = await Ingest.start({ databaseUrl: database.url, bind: '127.0.0.1', mqttPort: port, log });
  const env = { DEMO: 'on', DATA_DIR: dataDir, MQTT_PORT: String(port), CANARY_SECONDS: '0.5', LOG_LEVEL: 'silent' };
  const api = await startApi(env, { database });
  await seedDemo(api.app);
  const technician = api.as({ token: await tokenOf(api, 'tekniker@demo.example', DEMO_PASSWORD) });
  await vi.waitFor(
    async () => expect((await technician.call(systemApi.read)).canary).toMatchObject({ state: 'ok' }),
    PATIENCE,
  );
  const { rows } = await technician.call(devicesApi.list, { query: { limit: 1000 } });
  expect([rows.length > 0, rows.some(({ isCanary }) => isCanary)]).toEqual([true, false]);
  expect((await technician.call(liveApi.units)).units.filter(({ kind }) => kind === 'municipality')).toEqual([]);
  expect(await removeDemo(api.db, dataDir)).toBe('Exempelby kommun');
  await vi.waitFor(async () => {
    const [left] = await api.db.query<object[]>(
      `select (select count(*)::int from device) as devices, (select count(*)::int from org_node) as nodes,
        (select status -> 'canaries' from service_heartbeat where service = 'canary') as canaries,
        (select count(*)::int from notification where kind = 'canary_silent' and closed_at is null) as alarms`,
    );
    expect(left).toEqual({ devices: 0, nodes: 0, canaries: [], alarms: 0 });
  }, PATIENCE);
  await api.close();
  await ingest.stop();
  await rm(dataDir, { recursive: true, force: true });
}, 90_000);

describeWith('mosquitto', 'at a broker of one’s own', () => {
  test('the canary logs in as what the broker knows it by, for one municipality, and leaves the demo for another', async () => {
    const login = { publicId: 'canary-nyttospar', secret: 'kanariefågelns hemlighet' };
    const [database, broker] = [await createDatabase(), await startMosquitto([login])];
    const worker = await startWorkerHere({ databaseUrl: database.url, brokerUrl: broker.url });
    const api = await startApi(
      {
        MQTT_URL: broker.url,
        CANARY_USERNAME: login.publicId,
        CANARY_PASSWORD: login.secret,
        CANARY_SECONDS: '0.5',
        LOG_LEVEL: 'silent',
      },
      { database },
    );
    await municipality(api, { demo: true });
    await vi.waitFor(
      async () => expect(await api.db.query('select from device where is_canary')).toHaveLength(1),
      PATIENCE,
    );
    const root = await municipality(api);
    const admin = api.as(await user(api, { role: 'admin', node: root }));
    await vi.waitFor(async () => {
      const { canary } = await admin.call(systemApi.read);
      expect(canary).toMatchObject({ state: 'ok', deviceId: expect.any(String) as string });
    }, PATIENCE);
    expect(await api.db.query(`select public_id, root_id from device where lifecycle = 'in_use'`)).toEqual([
      { public_id: login.publicId, root_id: root.id },
    ]);
    expect(await api.db.query('select from device_credential')).toEqual([]);
    await api.close();
    await worker.stop();
    await broker.remove();
  }, 90_000);
});
