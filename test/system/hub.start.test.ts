import { once } from 'node:events';
import { chmod, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { pickPort } from '../support/free-port.js';
import { type HubProcess, launchHub, makeDataFolder, processesOf, untilGone } from '../support/hub.js';

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

async function launch(environment: Record<string, string> = {}): Promise<HubProcess> {
  const hub = await launchHub({ dataDir: folder.dataDir, environment });
  hubs.push(hub);
  return hub;
}

async function start(environment: Record<string, string> = {}): Promise<HubProcess> {
  const hub = await launch(environment);
  await hub.says(/Nyttospår is ready: /);
  return hub;
}

test('it says step by step what is ready, and at the end where, with what the programs want shown', async () => {
  const httpPort = String(await pickPort());
  const hub = await start({ HTTP_PORT: httpPort });
  await hub.says(/simulator sees/);
  expect(hub.text().trim().split('\n').sort()).toEqual(
    [
      'PostgreSQL is ready.',
      'The database is at the newest version.',
      'The API is ready.',
      'Ingest is ready.',
      'The simulator is ready.',
      `Nyttospår is ready: http://localhost:${httpPort}`,
      'api sees a database',
      'ingest sees a database',
      'simulator sees no database',
    ].sort(),
  );
});

test('without the demo no simulator runs', async () => {
  const hub = await start({ DEMO: 'off' });
  expect((await hub.events()).map((event) => event.split(' ')[0]).sort()).toEqual(['api', 'ingest']);
});

test('a taken port is told with the setting to change, and nothing is left', async () => {
  const other = createServer().listen(await pickPort(), '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const hub = await launch({ MQTT_PORT: String(port) });
  expect(await hub.ended).toEqual({ code: 1, signal: null });
  expect(hub.text()).toBe(
    `Port ${port} is taken, perhaps by an earlier run that is just ending: waiting a moment.\n` +
      `Port ${port} is taken by another program. Choose another by MQTT_PORT, for example: MQTT_PORT=1884 npm start\n`,
  );
  other.close();
});

test('a port that an earlier run gives up in a moment is waited for', async () => {
  const other = createServer().listen(await pickPort(), '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const starting = start({ MQTT_PORT: String(port) });
  setTimeout(() => other.close(), 3_000);
  const hub = await starting;
  expect(hub.text()).toContain(`Port ${port} is taken, perhaps by an earlier run`);
});

test('with a broker of one’s own no MQTT port is needed, and the simulator gets no worker’s log-in', async () => {
  const other = createServer().listen(await pickPort(), '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const hub = await start({
    MQTT_PORT: String(port),
    MQTT_URL: 'mqtts://arbetare:hemligt@broker.example:8883',
    MQTT_PASSWORD: 'hemligt',
    MQTT_CA: '/etc/ca.pem',
    SHOWS: 'MQTT_URL,MQTT_PASSWORD,NODE_EXTRA_CA_CERTS',
  });
  await hub.says(/The simulated devices log in at your broker under their own names/);
  expect(hub.text()).toContain('ingest: MQTT_URL=mqtts://arbetare:hemligt@broker.example:8883\n');
  expect(hub.text()).toContain('simulator: MQTT_URL=mqtts://broker.example:8883\n');
  expect(hub.text()).toContain('simulator: MQTT_PASSWORD=\n');
  expect(hub.text()).toContain('simulator: NODE_EXTRA_CA_CERTS=/etc/ca.pem\n');
  other.close();
});

test.runIf(process.getuid?.() === 0)('a folder that cannot be written is told with how to mend it', async () => {
  await chmod(folder.dataDir, 0o755);
  const hub = await launchHub({ dataDir: folder.dataDir, account: { uid: 1, gid: 1 } });
  expect(await hub.ended).toEqual({ code: 1, signal: null });
  expect(hub.text()).toContain(`DATA_DIR ${folder.dataDir} cannot be written by this user (EACCES).`);
  expect(hub.text()).toContain(`"chown -R 1 ${folder.dataDir}"`);
});

test('a bad setting ends it at once with the setting’s name', async () => {
  const hub = await launch({ DEMO: 'perhaps' });
  expect(await hub.ended).toEqual({ code: 1, signal: null });
  expect(hub.text()).toBe('DEMO ("perhaps") must be on or off. Example: DEMO=off npm start\n');
});

test('a second start on the same folder is refused, and the first goes on', async () => {
  const first = await start();
  const second = await launch();
  expect(await second.ended).toEqual({ code: 1, signal: null });
  expect(second.text()).toContain(`already running on DATA_DIR ${folder.dataDir} (process id ${first.child.pid})`);
  expect(first.child.exitCode).toBeNull();
});

test('a program that can say why it cannot start ends the start with that', async () => {
  const hub = await launch({ FAILS: 'ingest' });
  expect(await hub.ended).toEqual({ code: 1, signal: null });
  expect(hub.text()).toContain('Ingest could not start: the licence of the fixture has run out');
  await untilGone((await hub.events()).map((event) => Number(event.split(' ').at(-1))));
});

test('a database server that cannot be reached is named without its password', async () => {
  const port = await pickPort();
  const hub = await launch({ DATABASE_URL: `postgres://u:hemligt@127.0.0.1:${port}/db` });
  expect(await hub.ended).toEqual({ code: 1, signal: null });
  expect(hub.text()).toContain(`The database 127.0.0.1:${port}/db (DATABASE_URL)`);
  expect(hub.text()).not.toContain('hemligt');
});

test('what the programs write is kept in the logs, not shown', async () => {
  const hub = await launch({ CRASHES: 'api' });
  await hub.says(/The API ended \(exit code 1\); restart 1 in 250 ms\./);
  expect(hub.text()).not.toContain('a crash on purpose');
  expect(await readFile(`${folder.dataDir}/logs/api.log`, 'utf8')).toContain('a crash on purpose');
});
