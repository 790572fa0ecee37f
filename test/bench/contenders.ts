import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { migrate } from '#database';
import mqtt from 'mqtt';
import { withClient } from '../support/connection.js';
import { pickPort } from '../support/free-port.js';
import { countStored, registerFleet, type BenchDevice } from './fleet.js';
import { startIngest } from './product.js';
import { type QueueLimits, startPlainMosquitto } from './plain-mosquitto.js';
import { type Program, startProgram } from './program.js';

/** What a contender's table holds after a run. */
export interface Counted {
  /** Distinct (device, n) that are there. */
  stored: number;
  /** Rows beyond the first for the same (device, n). */
  doubled: number;
  /** From the first row to the last by the server's clock; null where the acknowledgement tells it (product). */
  seconds: number | null;
}

/** A program under load with what it needs beside it: started, with its subscriptions in force. */
export interface Contender {
  /** Where its devices publish. */
  port: number;
  devices: BenchDevice[];
  /** The broker's is null where it is inside the program. */
  pids(): { broker: number | null; program: number };
  /** Rows so far. */
  countRows(): Promise<number>;
  count(plan: { startMs: number; usages: number }): Promise<Counted>;
  /** Ends the program as a crash does and starts it again; its broker, where there is one, stays up. */
  crash(): Promise<void>;
  remove(): Promise<void>;
}

export interface Given {
  databaseUrl: string;
  connections: number;
}

/** All that take part, in the order in which they run. */
export const CONTENDERS = {
  nyttospar: startProduct,
  'node-red, default queue limits': (given: Given) => startPeer(given, { limits: 'default', launch: launchNodeRed }),
  'node-red': (given: Given) => startPeer(given, { limits: 'raised', launch: launchNodeRed }),
  'nest + save': (given: Given) => startPeer(given, { limits: 'raised', launch: (to) => launchNest(to, 'save') }),
  'nest + insert': (given: Given) => startPeer(given, { limits: 'raised', launch: (to) => launchNest(to, 'insert') }),
} satisfies Record<string, (given: Given) => Promise<Contender>>;

export type ContenderName = keyof typeof CONTENDERS;

const PEERS = fileURLToPath(new URL('./peers/', import.meta.url));

/** The product: ingest with its embedded broker, and all of its checks on. */
async function startProduct({ databaseUrl, connections }: Given): Promise<Contender> {
  await migrate(databaseUrl);
  const devices = await registerFleet(databaseUrl, connections);
  const port = await pickPort();
  const start = () => startIngest({ databaseUrl, port });
  let ingest = await start();
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    ingest.child.kill(signal);
    await ingest.ended;
  };
  return {
    port,
    devices,
    pids: () => ({ broker: null, program: ingest.child.pid ?? 0 }),
    countRows: () => countRows(databaseUrl, 'select count(*) as rows from usage'),
    count: async (plan) => ({ ...(await countStored(databaseUrl, plan)), seconds: null }),
    crash: async () => {
      await end('SIGKILL');
      ingest = await start();
    },
    remove: () => end('SIGTERM'),
  };
}

/** The peers' table has the product's key for a usage, and nothing else that costs: no roll-ups, no marks, no custody. */
const TABLE = /* sql */ `
  create table usage_event (
    device text, at timestamptz, id text, metric text not null, value double precision not null,
    stored_at timestamptz not null default clock_timestamp(),
    primary key (device, at, id)
  )`;

interface To {
  databaseUrl: string;
  port: number;
  /** Its own to write to. */
  folder: string;
}

interface Peer {
  limits: QueueLimits;
  launch: (to: To) => Promise<Program>;
}

async function startPeer({ databaseUrl, connections }: Given, { limits, launch }: Peer): Promise<Contender> {
  await withClient(databaseUrl, (client) => client.query(TABLE));
  const folder = await mkdtemp(join(tmpdir(), 'nyttospar-peer-'));
  const broker = await startPlainMosquitto(limits);
  const start = () => launch({ databaseUrl, port: broker.port, folder });
  let program: Program | null = null;
  const remove = async (): Promise<void> => {
    await program?.kill();
    await broker.remove();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await retainProbe(broker.port);
    program = await start();
    await untilProbeStored(databaseUrl, program);
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    port: broker.port,
    devices: Array.from({ length: connections }, (_, index) => ({ publicId: `bench-${index}`, secret: 'any' })),
    pids: () => ({ broker: broker.pid, program: program?.pid ?? 0 }),
    countRows: () => countRows(databaseUrl, `select count(*) as rows from usage_event where device <> '${PROBE}'`),
    count: (plan) => countEvents(databaseUrl, plan),
    crash: async () => {
      await program?.kill();
      program = await start();
    },
    remove,
  };
}

const PROBE = 'probe';

/** A retained message reaches the peer when its subscription is in force, and then has a row. */
async function retainProbe(port: number): Promise<void> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`);
  const probe = JSON.stringify({ id: PROBE, metric: 'unlock', at: Date.now() });
  await client.publishAsync(`wt/v1/${PROBE}/usage`, probe, { qos: 1, retain: true });
  await client.endAsync();
}

const SUBSCRIBED_WITHIN_MS = 30_000;

async function untilProbeStored(databaseUrl: string, program: Program): Promise<void> {
  for (const deadlineMs = Date.now() + SUBSCRIBED_WITHIN_MS; Date.now() < deadlineMs; await delay(50)) {
    if ((await countRows(databaseUrl, 'select count(*) as rows from usage_event')) > 0) return;
  }
  throw new Error(`The peer stored nothing:\n${program.text()}`);
}

const countRows = (databaseUrl: string, sql: string): Promise<number> =>
  withClient(databaseUrl, async (client) => Number((await client.query<{ rows: string }>(sql)).rows[0]?.rows));

/** By device time as for the product: usage n of a device lies n seconds behind the start. */
const COUNT_EVENTS = /* sql */ `
  with placed as (
    select device, extract(epoch from at - to_timestamp($1::float8 / 1000))::numeric as n, count(*) as times,
      min(stored_at) as first_at, max(stored_at) as last_at
    from usage_event where device <> $3 group by 1, 2
  )
  select count(*) filter (where n between 0 and $2::int - 1) as stored, coalesce(sum(times - 1), 0) as doubled,
    coalesce(extract(epoch from max(last_at) - min(first_at)), 0) as seconds
  from placed`;

async function countEvents(databaseUrl: string, plan: { startMs: number; usages: number }): Promise<Counted> {
  const { rows } = await withClient(databaseUrl, (client) =>
    client.query<Record<keyof Counted, string>>(COUNT_EVENTS, [plan.startMs, plan.usages, PROBE]),
  );
  const row = rows[0];
  return { stored: Number(row?.stored), doubled: Number(row?.doubled), seconds: Number(row?.seconds) };
}

/** Headless, in a folder of its own, where `pg` is found as if installed there. */
async function launchNodeRed({ databaseUrl, port, folder }: To): Promise<Program> {
  await cp(join(PEERS, 'flows.json'), join(folder, 'flows.json'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'flows', dependencies: { pg: '*' } }));
  await mkdir(join(folder, 'node_modules'), { recursive: true });
  const link = join(folder, 'node_modules', 'pg');
  await rm(link, { force: true });
  await symlink(join(PEERS, 'node_modules', 'pg'), link);
  const red = join(PEERS, 'node_modules', 'node-red', 'red.js');
  const env = { DATABASE_URL: databaseUrl, MQTT_PORT: String(port), UI_PORT: String(await pickPort()) };
  return startProgram({
    command: process.execPath,
    args: [red, '--userDir', folder, '--settings', join(PEERS, 'settings.cjs')],
    env: { ...env, HOME: folder, NODE_RED_DISABLE_TELEMETRY: 'true', NODE_ENV: 'production' },
    ready: /Started flows/,
  });
}

async function launchNest({ databaseUrl, port }: To, writeWith: 'save' | 'insert'): Promise<Program> {
  const hooks = fileURLToPath(new URL('../support/typescript-hooks.js', import.meta.url));
  return startProgram({
    command: process.execPath,
    args: ['--import', hooks, join(PEERS, 'nest.ts')],
    env: { DATABASE_URL: databaseUrl, MQTT_PORT: String(port), WRITE_WITH: writeWith, NODE_ENV: 'production' },
    ready: /Nest is connected/,
  });
}
