import pg from 'pg';
import { readdir, readFile, rename } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type HubProcess, launchHub, makeDataFolder, processesOf, startHub, untilGone } from '../support/hub.js';

// Each test starts several processes and a PostgreSQL of its own.
vi.setConfig({ testTimeout: 60_000 });

let folder: Awaited<ReturnType<typeof makeDataFolder>>;
let hubs: HubProcess[];

beforeEach(async () => {
  folder = await makeDataFolder();
  hubs = [];
});

afterEach(async () => {
  const processes = await Promise.all(hubs.map((hub) => processesOf(hub).catch(() => [])));
  for (const hub of hubs) hub.child.kill('SIGKILL');
  await untilGone(processes.flat());
  await folder.remove();
});

async function start(environment: Record<string, string> = {}): Promise<HubProcess> {
  const hub = await startHub({ dataDir: folder.dataDir, environment });
  hubs.push(hub);
  return hub;
}

/** On the hub's own PostgreSQL, through its password file. */
async function query(sql: string): Promise<Record<string, unknown>[]> {
  const [, , , port] = (await readFile(`${folder.dataDir}/postgres/postmaster.pid`, 'utf8')).split('\n');
  const password = (await readFile(`${folder.dataDir}/postgres.password`, 'utf8')).trim();
  const client = new pg.Client({
    host: '127.0.0.1',
    port: Number(port),
    user: 'postgres',
    database: 'postgres',
    password,
  });
  client.on('error', () => undefined);
  await client.connect();
  return client
    .query<Record<string, unknown>>(sql)
    .then(({ rows }) => rows)
    .finally(() => client.end());
}

describe('a signal', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s ends all in order with exit code 0', async (signal) => {
    const hub = await start();
    const processes = await processesOf(hub);
    hub.child.kill(signal);
    expect(await hub.ended).toEqual({ code: 0, signal: null });
    const ended = (await hub.events()).filter((event) => event.includes(' ended '));
    expect(ended.map((event) => event.split(' ')[0])).toEqual(['simulator', 'ingest', 'api']);
    await untilGone(processes);
  });

  test('twice, as npm delivers it, is the same as once', async () => {
    const hub = await start();
    hub.child.kill('SIGINT');
    hub.child.kill('SIGINT');
    setTimeout(() => hub.child.kill('SIGINT'), 20);
    expect(await hub.ended).toEqual({ code: 0, signal: null });
    expect(hub.text()).toMatch(/Stopping …\nStopped\.\n$/);
  });

  test('again after two seconds ends what hangs, and nothing is left', async () => {
    const hub = await start({ HANGS: 'ingest' });
    const processes = await processesOf(hub);
    hub.child.kill('SIGINT');
    setTimeout(() => hub.child.kill('SIGINT'), 2_200);
    expect(await hub.ended).toEqual({ code: 1, signal: null });
    await untilGone(processes);
  });

  test('while it is still starting ends it with exit code 0', async () => {
    const hub = await launchHub({ dataDir: folder.dataDir });
    hubs.push(hub);
    await hub.says(/PostgreSQL is ready/);
    const postgres = await hub.postgresPid();
    hub.child.kill('SIGTERM');
    expect(await hub.ended).toEqual({ code: 0, signal: null });
    await untilGone([postgres]);
  });
});

describe('after a kill -9', () => {
  test('of the hub nothing stays alive, and the next start has every committed row', async () => {
    const hub = await start();
    await query('create table kept as select generate_series(1, 1000)');
    const processes = await processesOf(hub);
    hub.child.kill('SIGKILL');
    await untilGone(processes);
    await start();
    expect(await query('select count(*)::int from kept')).toEqual([{ count: 1000 }]);
  });

  test('of the hub a start at once works too', async () => {
    const hub = await start();
    hub.child.kill('SIGKILL');
    await hub.ended;
    await start();
    expect(await query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('of a program it is started again, and the others go on', async () => {
    const hub = await start();
    const [api, ingest] = await Promise.all([pidOf(hub, 'api'), pidOf(hub, 'ingest')]);
    process.kill(api, 'SIGKILL');
    await hub.says(/The API ended \(signal SIGKILL\); restart 1 in 250 ms\./);
    await vi.waitFor(async () => expect(await pidOf(hub, 'api')).not.toBe(api), { timeout: 10_000 });
    expect(await pidOf(hub, 'ingest')).toBe(ingest);
  });

  test('of PostgreSQL it comes back on its port', async () => {
    const hub = await start();
    const port = await query('show port');
    process.kill(await hub.postgresPid(), 'SIGKILL');
    await hub.says(/PostgreSQL ended \(signal SIGKILL\); restart 1/);
    expect(await vi.waitFor(() => query('show port'), { timeout: 15_000, interval: 200 })).toEqual(port);
  });
});

test('a database whose files vanish while it runs does not come back as an empty one', async () => {
  const hub = await start();
  await rename(`${folder.dataDir}/postgres`, `${folder.dataDir}/away`);
  process.kill(Number.parseInt(await readFile(`${folder.dataDir}/away/postmaster.pid`, 'utf8'), 10), 'SIGKILL');
  expect(await hub.ended).toEqual({ code: 1, signal: null });
  expect(hub.text()).toContain(`the database in ${folder.dataDir}/postgres has disappeared; put it back`);
  expect(await readdir(folder.dataDir)).not.toContain('postgres');
});

test('a program that crashes again and again is given up, with the end of its log', async () => {
  const hub = await launchHub({ dataDir: folder.dataDir, environment: { CRASHES: 'ingest' } });
  hubs.push(hub);
  expect(await hub.ended).toEqual({ code: 1, signal: null });
  expect(hub.text()).toContain('Ingest ended 5 times within a minute. The end of its log');
  expect(hub.text()).toContain('a crash on purpose');
  await untilGone((await hub.events()).map((event) => Number(event.split(' ').at(-1))));
});

async function pidOf(hub: HubProcess, program: string): Promise<number> {
  const started = (await hub.events()).filter((event) => event.startsWith(`${program} started`));
  return Number(started.at(-1)?.split(' ').at(-1));
}
