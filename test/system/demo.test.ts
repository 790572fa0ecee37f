import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benefitsApi, devicesApi, identityApi, organisationApi, productsApi, trialsApi } from '#contracts';
import { createPartition, DeviceCredentialEntity, rebuildHours } from '#database';
import { ROLES } from '#domain';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readDevicesFile } from '../../devices-sim/src/devices-file.js';
import { DEMO_PASSWORD, DEMO_PEOPLE } from '../../apps/api/src/demo/demo-people.js';
import { seedDemo } from '../../apps/api/src/demo/seed-demo.js';
import { type ApiClient, startApi, type TestApi } from '../support/api.js';
import { device, municipality, node, placement, trial } from '../support/builders.js';
import { runNode } from '../support/run-node.js';

let api: TestApi;
let dataDir: string;
let lines: string[];
let before: Record<string, number>;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'nyttospar-demo-'));
  api = await startApi({ DEMO: 'on', DATA_DIR: dataDir });
  const unit = await node(api, await municipality(api));
  await placement(api, { device: await device(api, unit), node: unit }, { trial: await trial(api, unit) });
  before = await rowCounts();
  lines = await seedDemo(api.app);
});
afterAll(async () => {
  await api.close();
  await rm(dataDir, { recursive: true, force: true });
});

const file = (): string => join(dataDir, 'demo', 'devices.json');

/** Rows per table; the log and what the services write about themselves apart. */
async function rowCounts(): Promise<Record<string, number>> {
  const tables = await api.db.query<{ name: string }[]>(
    `select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and not c.relispartition and c.relname not in ('audit_log', 'service_heartbeat', 'migrations')`,
  );
  const counts = tables.map(async ({ name }) => {
    const [row] = await api.db.query<{ count: number }[]>(`select count(*)::int from ${name}`);
    return [name, row?.count ?? 0] as const;
  });
  return Object.fromEntries((await Promise.all(counts)).sort());
}

/** Logs in as a person of the demo, as their browser would. */
async function logIn(email: string): Promise<ApiClient> {
  const answer = await api.raw(identityApi.logIn, { body: { email, password: DEMO_PASSWORD } });
  const token = /nyttospar_session=([^;]+)/.exec(answer.headers.get('set-cookie') ?? '')?.[1] ?? '';
  return api.as({ token });
}

test('there is one person for each role, and each can log in as the terminal says', async () => {
  expect(new Set(DEMO_PEOPLE.map(({ role }) => role))).toEqual(new Set(ROLES));
  for (const { email, role } of DEMO_PEOPLE) {
    const session = await (await logIn(email)).call(identityApi.session);
    expect(session).toMatchObject({ municipality: { name: 'Exempelby kommun', demo: true }, grants: [{ role }] });
    expect(lines.join('\n')).toContain(email);
  }
  expect(lines[0]).toContain(DEMO_PASSWORD);
});

test('the tree is a municipality’s, with places by codes', async () => {
  const nodes = await (await logIn('revisor@demo.example')).call(organisationApi.list, { query: {} });
  expect(
    nodes
      .filter(({ kind }) => kind === 'unit')
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['Björkgården', 'Ekbacken', 'Hemtjänst Centrum', 'Hemtjänst Norr']);
  expect(nodes.filter(({ kind }) => kind === 'place').every(({ name }) => /^[A-Z]{1,2}-\d\d$/.test(name))).toBe(true);
});

test('20 locks, 6 sleep robots and 8 screens stand in their trials, all simulated', async () => {
  const technician = await logIn('tekniker@demo.example');
  const { rows } = await technician.call(devicesApi.list, { query: {} });
  const standing = rows.filter(({ placement: at }) => at !== null);
  const families = Object.groupBy(standing, ({ family }) => family);
  expect(
    Object.entries(families)
      .map(([family, devices]) => [family, devices.length])
      .sort(),
  ).toEqual([
    ['keyless_lock', 20],
    ['sleep_robot', 6],
    ['smart_screen', 8],
  ]);
  expect(rows.every(({ simulated }) => simulated)).toBe(true);
  expect(standing.every(({ lifecycle, placement: at }) => lifecycle === 'in_use' && at?.purpose === 'trial')).toBe(
    true,
  );
  expect((await technician.call(productsApi.list, { query: {} })).total).toBeGreaterThanOrEqual(3);
});

test('three trials run, with a history from idea on, costs, goals and rules at 336.20 kr an hour', async () => {
  const auditor = await logIn('revisor@demo.example');
  const { rows } = await auditor.call(trialsApi.list, { query: {} });
  expect(rows.map(({ family, devices }) => [family, devices]).sort()).toEqual([
    ['keyless_lock', 20],
    ['sleep_robot', 6],
    ['smart_screen', 8],
  ]);
  for (const { id } of rows) {
    const view = await auditor.call(trialsApi.get, { params: { id } });
    expect(view.stageChanges.map(({ stage }) => stage)).toEqual(['idea', 'preparation', 'approved', 'running']);
    expect(view.costs.length * view.goals.length * view.benefits.length).toBeGreaterThan(0);
    // 31 000 kr / 142 × 1.54
    expect(view.benefits.flatMap(({ rule }) => rule?.hourlyCostOre ?? []).every((ore) => ore === 33_620)).toBe(true);
  }
});

test('the sleep robots promise 0 kr, honestly', async () => {
  const auditor = await logIn('revisor@demo.example');
  const { rows } = await auditor.call(trialsApi.list, { query: { search: 'sömnrobotar' } });
  const view = await auditor.call(trialsApi.get, { params: { id: rows[0]!.id } });
  expect(view.benefits).toMatchObject([
    { plannedMonthOre: 0, category: 'quality', rule: { minutesPerUnit: 0, evidence: 'A' } },
  ]);
});

test('the manager has confirmed last month’s driving, a line without a rule', async () => {
  const manager = await logIn('enhetschef@demo.example');
  const { rows } = await manager.call(trialsApi.list, { query: { search: 'nyckelfria' } });
  const benefit = await manager.call(benefitsApi.trial, { params: { id: rows[0]!.id } });
  const [line] = benefit.lines.filter(({ category }) => category === 'financial');
  expect(line).toMatchObject({
    potentialOre: null,
    realisedOre: 60_000,
    confirmations: [{ confirmedByName: 'Maria Enhetschef', nodeName: 'Hemtjänst Centrum' }],
  });
});

test('the simulator reads its file, which only its owner can, and every secret in it opens a device', async () => {
  const { zone, devices } = await readDevicesFile(file());
  expect([zone, devices.length, (await stat(file())).mode & 0o777]).toEqual(['Europe/Stockholm', 34, 0o600]);
  expect(new Set(devices.map(({ seed }) => seed)).size).toBe(34);
  expect(devices.every(({ since }) => Date.parse(since) < Date.now() - 9 * 86_400_000)).toBe(true);
  expect(await validSecrets()).toBe(34);
  expect(await api.db.query(`select 1 from device_credential where revoked_at is not null`)).toEqual([]);
});

/** How many of the file's secrets are valid. */
async function validSecrets(): Promise<number> {
  const { devices } = await readDevicesFile(file());
  const [row] = await api.db.query<{ count: number }[]>(
    `select count(*)::int from jsonb_to_recordset($1::jsonb) as f("publicId" text, secret text)
    join device d on d.public_id = f."publicId"
    join device_credential c on c.device_id = d.id and c.secret_sha256 = sha256(f.secret::bytea)
    where c.revoked_at is null and c.expires_at is null`,
    [JSON.stringify(devices)],
  );
  return row?.count ?? 0;
}

test('a second start changes nothing and says the same', async () => {
  const [rows, text] = [await rowCounts(), await readFile(file(), 'utf8')];
  expect(await seedDemo(api.app)).toEqual(lines);
  expect([await rowCounts(), await readFile(file(), 'utf8')]).toEqual([rows, text]);
});

test('a lost, broken or outdated devices file is made anew, with secrets that are valid', async () => {
  await rm(file());
  await seedDemo(api.app);
  expect(await validSecrets()).toBe(34);
  await writeFile(file(), '{"zone":', { mode: 0o600 });
  await seedDemo(api.app);
  expect(await validSecrets()).toBe(34);
  const [first, second] = (await readDevicesFile(file())).devices;
  const { id } = await api.db
    .query<{ id: string }[]>('select id from device where public_id = $1', [first!.publicId])
    .then(([row]) => row!);
  await (await logIn('tekniker@demo.example')).call(devicesApi.rotateSecret, { params: { id }, body: {} });
  await seedDemo(api.app);
  const after = (await readDevicesFile(file())).devices;
  expect([await validSecrets(), after[1]?.secret, after[0]?.secret === first!.secret]).toEqual([
    34,
    second!.secret,
    false,
  ]);
});

test('with DEMO=off nothing is made', async () => {
  const plain = await startApi({ DATA_DIR: dataDir });
  expect(await seedDemo(plain.app)).toEqual([]);
  expect(await plain.db.manager.count(DeviceCredentialEntity)).toBe(0);
  await plain.close();
});

test('two processes that start at once make one demo, and name no log-in where other machines can reach the server', async () => {
  const open = await startApi({ DEMO: 'on', DATA_DIR: await mkdtemp(join(dataDir, 'open-')), BIND: '0.0.0.0' });
  const told = (await Promise.all([seedDemo(open.app), seedDemo(open.app)])).flat().join('\n');
  expect(await open.db.query<object[]>('select from org_node where demo')).toHaveLength(1);
  expect(told).toContain('refused');
  expect(told).not.toContain(DEMO_PASSWORD);
  await open.close();
}, 60_000);

test('removing it takes every row of it, usage included, and nobody else’s; the log stays (rule K4)', async () => {
  const { devices } = await readDevicesFile(file());
  const keys = await api.db.query<{ key: number; placement: number }[]>(
    `select d.key, p.key as placement from device d join placement p on p.device_id = d.id where d.public_id = $1`,
    [devices[0]!.publicId],
  );
  await storeEverything(keys[0]!);
  const entries = async () =>
    (await api.db.query<{ count: number }[]>(`select count(*)::int from audit_log`))[0]!.count;
  const logged = await entries();
  const command = removeByCommand();
  await command.says(/Exempelby kommun has been removed/);
  expect((await command.ended).code).toBe(0);
  expect(await rowCounts()).toEqual(before);
  await expect(stat(file())).rejects.toThrow('ENOENT');
  expect(await entries()).toBeGreaterThan(logged);
  await removeByCommand().says(/There is no demo/);
});

const removeByCommand = () =>
  runNode('apps/api/src/demo/remove.main.ts', [], {
    env: { ...process.env, DATABASE_URL: api.databaseUrl, DATA_DIR: dataDir },
  });

test('after the removal rules, confirmations and histories can again only be added', async () => {
  for (const table of ['measurement_rule', 'realisation_confirmation', 'trial_stage_change']) {
    await expect(api.db.query(`delete from ${table}`)).rejects.toThrow('can only be added');
  }
});

/** A row of a demo's device in every table that ingest and the worker write. */
async function storeEverything({ key, placement: at }: { key: number; placement: number }): Promise<void> {
  const now = new Date();
  const week = 7 * 86_400_000;
  const monday = Math.floor((now.getTime() - 4 * 86_400_000) / week) * week + 4 * 86_400_000;
  for (const sql of createPartition(monday)) await api.db.query(sql);
  await api.db.query(
    `insert into usage (at, message_key, received_at, value, device_key, placement_key, metric, attributes)
    values ($1, 1, $1, 1, $2, $3, 1, '{"result":"success","actor_role":"staff"}')`,
    [now, key, at],
  );
  await rebuildHours(api.db.manager, key, [new Date(now.getTime() - 3_600_000), new Date(now.getTime() + 3_600_000)]);
  for (const sql of [
    `insert into usage_ledger values ($1, 1, now())`,
    `insert into device_life values ($1, current_date, 1)`,
    `insert into device_signal (device_key) values ($1)`,
    `insert into rejected_count values (date_trunc('hour', now()), $1, 'schema', 1)`,
    `insert into rejected_message (received_at, device_key, client_name, topic, code, reason, payload_bytes) values (now(), $1, 'x', 'x', 'schema', 'x', 0)`,
  ]) {
    await api.db.query(sql, [key]);
  }
  await api.db.query(`insert into dirty_day (placement_key, day) values ($1, current_date - 400)`, [at]);
  await api.db.query(
    `insert into qualifying_day (placement_key, rule_key, day, events, qualifying, failures) select $1, max(key), current_date, 1, 1, 0 from measurement_rule`,
    [at],
  );
}
