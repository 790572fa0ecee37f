import { once } from 'node:events';
import { mkdtemp, rm, chmod, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '#database';
import { startPostgres } from '#embedded-postgres';
import pg from 'pg';
import { type NodeProcess, runNode } from '../support/run-node.js';
import { countStored, registerFleet, type Stored } from './fleet.js';
import { cpuMs, describeMachine, type Machine } from './machine.js';
import type { LoadPlan, LoadResult } from './mqtt-load.js';
import { runLimit } from './reference-limit.js';

/** How large a run is. */
export interface IngestBenchOptions {
  rounds: number;
  connections: number;
  inFlight: number;
  /** Usages a round, over all connections. */
  messages: number;
  /** Whether usages carry attributes. */
  attributes: boolean;
  /** Folder for a CPU profile of each round's ingest; profiling itself costs some speed. */
  profile?: string;
}

interface Round extends LoadResult, Stored {
  limitPerSecond: number;
  durablePerSecond: number;
  ratio: number;
  limitCpuMsPer1000: number;
  ingestCpuMsPer1000: number;
  postgresCpuMsPer1000: number;
}

/** Medians over the rounds; counts are sums over the rounds. Rates are usages a second, times milliseconds. */
export interface IngestBenchResult {
  machine: Machine;
  options: IngestBenchOptions;
  limitPerSecond: number;
  durablePerSecond: number;
  ratio: number;
  cpuMsPer1000: number;
  cpuMsPer1000ByProcess: { ingest: number; postgres: number; limitPostgres: number };
  ackP50Ms: number;
  ackP99Ms: number;
  acknowledged: number;
  stored: number;
  rolledUp: number;
  lost: number;
  doubled: number;
  rounds: Round[];
}

/**
 * Measures, in turn within one run, the frozen reference program and the product: publish → commit → PUBACK through the
 * embedded broker with authentication, topic rules, validation, placement, dedupe, roll-ups and marks all on. PostgreSQL runs
 * with fsync and synchronous_commit on. What was acknowledged is compared with the tables.
 */
export async function benchIngest(options: IngestBenchOptions): Promise<IngestBenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'nyttospar-bench-'));
  await chmod(folder, 0o711);
  await refuseFullDisk(folder);
  const postgres = await startPostgres({ dataDir: join(folder, 'postgres') });
  try {
    const rounds: Round[] = [];
    for (let round = 0; round < options.rounds; round += 1) {
      rounds.push(await runRound({ adminUrl: postgres.url, postgresPid: postgres.pid, round }, options));
    }
    return summarise(rounds, options);
  } finally {
    await postgres.stop('immediate');
    await rm(folder, { recursive: true, force: true });
  }
}

async function refuseFullDisk(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < 2 * 2 ** 30)
    throw new Error(`Less than 2 GiB are free at ${folder}: set TMPDIR to a larger disk.`);
}

interface Server {
  adminUrl: string;
  postgresPid: number;
  round: number;
}

async function runRound(server: Server, options: IngestBenchOptions): Promise<Round> {
  const limit = await measureLimit(server, options.messages);
  const product = await measureProduct(server, options);
  return { ...product, ...limit, ratio: product.durablePerSecond / limit.limitPerSecond };
}

async function createDatabase({ adminUrl }: Server, name: string): Promise<string> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`create database ${name}`).finally(() => admin.end());
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function measureLimit(
  server: Server,
  rows: number,
): Promise<{ limitPerSecond: number; limitCpuMsPer1000: number }> {
  const url = await createDatabase(server, `limit_${server.round}`);
  const before = cpuMs(server.postgresPid);
  const { seconds } = await runLimit(url, rows);
  return { limitPerSecond: rows / seconds, limitCpuMsPer1000: (cpuMs(server.postgresPid) - before) / (rows / 1000) };
}

async function measureProduct(
  server: Server,
  options: IngestBenchOptions,
): Promise<Omit<Round, 'limitPerSecond' | 'limitCpuMsPer1000' | 'ratio'>> {
  const databaseUrl = await createDatabase(server, `product_${server.round}`);
  await migrate(databaseUrl);
  const devices = await registerFleet(databaseUrl, options.connections);
  const port = await freePort();
  const ingest = await startIngest({ databaseUrl, port, ...options });
  try {
    const messages = Math.ceil(options.messages / options.connections);
    const startMs = (Math.floor(Date.now() / 1000) - messages - 3600) * 1000;
    const before = { ingest: cpuMs(ingest.child.pid ?? 0), postgres: cpuMs(server.postgresPid) };
    const load = await publish({
      port,
      devices,
      messages,
      inFlight: options.inFlight,
      startMs,
      hasAttributes: options.attributes,
    });
    const per1000 = load.acknowledged / 1000;
    return {
      ...load,
      durablePerSecond: load.acknowledged / load.seconds,
      ingestCpuMsPer1000: (cpuMs(ingest.child.pid ?? 0) - before.ingest) / per1000,
      postgresCpuMsPer1000: (cpuMs(server.postgresPid) - before.postgres) / per1000,
      ...(await countStored(databaseUrl, { startMs, messages })),
    };
  } finally {
    ingest.child.kill('SIGTERM');
    await ingest.ended;
  }
}

async function startIngest(given: { databaseUrl: string; port: number; profile?: string }): Promise<NodeProcess> {
  const { databaseUrl, port, profile } = given;
  const profiling = profile && { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profile}` };
  const settings = { DATABASE_URL: databaseUrl, MQTT_PORT: String(port), BIND: '127.0.0.1' };
  const env = { PATH: process.env.PATH, ...settings, ...profiling };
  const ingest = runNode('apps/ingest/src/main.ts', [], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env });
  const ready = new Promise<void>((resolve, reject) => {
    ingest.child.on('message', (said: { type: string; message?: string }) => {
      if (said.type === 'ready') resolve();
      if (said.type === 'failed') reject(new Error(said.message));
    });
    void ingest.ended.then(() => reject(new Error(`ingest ended:\n${ingest.text()}`)));
  });
  await ready;
  return ingest;
}

async function publish(plan: LoadPlan): Promise<LoadResult> {
  const load = runNode('test/bench/mqtt-load.ts', [], { stdio: ['pipe', 'pipe', 'pipe'] });
  load.child.stdin?.end(JSON.stringify(plan));
  const { code } = await load.ended;
  if (code !== 0) throw new Error(`The publisher failed:\n${load.text()}`);
  return JSON.parse(load.text()) as LoadResult;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (typeof address !== 'object' || address === null) throw new Error('No free port.');
  return address.port;
}

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

function summarise(rounds: Round[], options: IngestBenchOptions): IngestBenchResult {
  const medianOf = (key: keyof Round): number => median(rounds.map((round) => round[key]));
  const sumOf = (key: keyof Round): number => rounds.reduce((sum, round) => sum + round[key], 0);
  const ingest = medianOf('ingestCpuMsPer1000');
  const postgres = medianOf('postgresCpuMsPer1000');
  return {
    machine: describeMachine(),
    options,
    limitPerSecond: medianOf('limitPerSecond'),
    durablePerSecond: medianOf('durablePerSecond'),
    ratio: medianOf('ratio'),
    cpuMsPer1000: ingest + postgres,
    cpuMsPer1000ByProcess: { ingest, postgres, limitPostgres: medianOf('limitCpuMsPer1000') },
    ackP50Ms: medianOf('ackP50Ms'),
    ackP99Ms: medianOf('ackP99Ms'),
    acknowledged: sumOf('acknowledged'),
    stored: sumOf('stored'),
    rolledUp: sumOf('rolledUp'),
    lost: sumOf('acknowledged') - sumOf('stored'),
    doubled: sumOf('doubled'),
    rounds,
  };
}
