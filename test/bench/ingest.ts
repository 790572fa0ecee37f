import { mkdtemp, rm, chmod, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '#database';
import { startPostgres } from '#embedded-postgres';
import pg from 'pg';
import { pickPort } from '../support/free-port.js';
import { type NodeProcess, runNode } from '../support/run-node.js';
import { countStored, fillHistory, registerFleet, type Stored } from './fleet.js';
import { cpuMs, describeMachine, memoryKb, type Machine } from './machine.js';
import type { LoadPlan, LoadResult } from './mqtt-load.js';
import { measureCommit, runLimit } from './reference-limit.js';

/** How large a run is. */
export interface IngestBenchOptions {
  rounds: number;
  connections: number;
  inFlight: number;
  /** Usages a round, over all connections. */
  messages: number;
  /** Usages before those, which are stored and compared like them but not measured. */
  warmUp: number;
  /** Usages a message: more than one is an array. */
  perMessage: number;
  /** Messages a second over all devices; 0 = as fast as acknowledgements allow. */
  perSecond: number;
  /** Whether usages carry attributes. */
  attributes: boolean;
  /** Rows of other devices that are stored before the round starts. */
  history: number;
  /** Folder for a CPU profile of each round's ingest; profiling itself costs some speed. */
  profile?: string;
}

interface Round extends LoadResult, Stored {
  limitPerSecond: number;
  durablePerSecond: number;
  ratio: number;
  limitCpuMsPer1000: number;
  /** One row, committed alone: what an acknowledgement can be compared with. */
  commitMs: number;
  ingestCpuMsPer1000: number;
  postgresCpuMsPer1000: number;
  /** Memory of ingest for each further connection. */
  kbPerConnection: number;
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
  commitMs: number;
  ackP50InCommits: number;
  ackP99InCommits: number;
  kbPerConnection: number;
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
  const rounds = await withServer((server) => runRounds(options.rounds, server, (one) => runRound(one, options)));
  return summarise(rounds, options);
}

/** Runs with a durable PostgreSQL of its own, which is gone afterwards. */
export async function withServer<T>(run: (server: Omit<Server, 'round'>) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'nyttospar-bench-'));
  await chmod(folder, 0o711);
  await refuseFullDisk(folder);
  const postgres = await startPostgres({ dataDir: join(folder, 'postgres') });
  try {
    return await run({ adminUrl: postgres.url, postgresPid: postgres.pid });
  } finally {
    await postgres.stop('immediate');
    await rm(folder, { recursive: true, force: true });
  }
}

/** One round after the other, each with a number of its own for the names of its databases. */
export async function runRounds<T>(
  count: number,
  server: Omit<Server, 'round'>,
  run: (server: Server) => Promise<T>,
): Promise<T[]> {
  const rounds: T[] = [];
  for (let round = 0; round < count; round += 1) rounds.push(await run({ ...server, round }));
  return rounds;
}

export async function refuseFullDisk(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < 2 * 2 ** 30)
    throw new Error(`Less than 2 GiB are free at ${folder}: set TMPDIR to a larger disk.`);
}

export interface Server {
  adminUrl: string;
  postgresPid: number;
  round: number;
}

async function runRound(server: Server, options: IngestBenchOptions): Promise<Round> {
  const limit = await measureLimit(server, options.messages);
  const product = await measureProduct(server, options);
  return { ...product, ...limit, ratio: product.durablePerSecond / limit.limitPerSecond };
}

export async function createDatabase({ adminUrl }: Server, name: string): Promise<string> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`create database ${name}`).finally(() => admin.end());
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}

export async function measureLimit(
  server: Server,
  rows: number,
): Promise<{ limitPerSecond: number; limitCpuMsPer1000: number; commitMs: number }> {
  const url = await createDatabase(server, `limit_${server.round}`);
  const before = cpuMs(server.postgresPid);
  const { seconds } = await runLimit(url, rows);
  const limitCpuMsPer1000 = (cpuMs(server.postgresPid) - before) / (rows / 1000);
  return { limitPerSecond: rows / seconds, limitCpuMsPer1000, commitMs: await measureCommit(url) };
}

/** What the product did in one round. */
export type ProductRound = Omit<Round, 'limitPerSecond' | 'limitCpuMsPer1000' | 'commitMs' | 'ratio'>;

/** Publishes as told through a fresh database's broker and compares the tables with it. */
export async function measureProduct(server: Server, options: IngestBenchOptions): Promise<ProductRound> {
  const databaseUrl = await createDatabase(server, `product_${server.round}`);
  await migrate(databaseUrl);
  const devices = await registerFleet(databaseUrl, options.connections);
  const port = await pickPort();
  const ingest = await startIngest({ databaseUrl, port, ...options });
  const ingestPid = ingest.child.pid ?? 0;
  let connectedKb = 0;
  let before = { ingest: 0, postgres: 0 };
  try {
    if (options.history > 0) await fillHistory(databaseUrl, options.history);
    const readyKb = memoryKb(ingestPid);
    const { perMessage, perSecond, inFlight, attributes: hasAttributes } = options;
    const messagesOf = (usages: number): number => Math.ceil(usages / options.connections / perMessage);
    const warmUp = messagesOf(options.warmUp);
    const messages = warmUp + messagesOf(options.messages);
    const usages = messages * perMessage;
    const startMs = (Math.floor(Date.now() / 1000) - usages - 3600) * 1000;
    const cpu = () => ({ ingest: cpuMs(ingestPid), postgres: cpuMs(server.postgresPid) });
    const load = await publish(
      { port, devices, messages, warmUp, perMessage, perSecond, inFlight, startMs, hasAttributes },
      { onConnected: () => (connectedKb = memoryKb(ingestPid)), onStart: () => (before = cpu()) },
    );
    const after = cpu();
    const per1000 = load.measured / 1000;
    return {
      ...load,
      durablePerSecond: load.measured / load.seconds,
      ingestCpuMsPer1000: (after.ingest - before.ingest) / per1000,
      postgresCpuMsPer1000: (after.postgres - before.postgres) / per1000,
      kbPerConnection: (connectedKb - readyKb) / options.connections,
      ...(await countStored(databaseUrl, { startMs, usages })),
    };
  } finally {
    ingest.child.kill('SIGTERM');
    await ingest.ended;
  }
}

export async function startIngest(given: {
  databaseUrl: string;
  port: number;
  profile?: string;
}): Promise<NodeProcess> {
  const { databaseUrl, port, profile } = given;
  const profiling = process.env.SNAP
    ? { NODE_OPTIONS: '--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=/tmp/snap' }
    : profile && { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profile}` };
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

/**
 * Runs the publisher to its end, telling when all are connected and when the warm-up is over. One that takes longer than
 * `timeoutMs` (0 = no bound) is killed and fails.
 */
export async function publish(
  plan: LoadPlan,
  given: { timeoutMs?: number; onConnected?: () => void; onStart?: () => void } = {},
): Promise<LoadResult> {
  const bound = { timeout: given.timeoutMs ?? 0, killSignal: 'SIGKILL' } as const;
  const load = runNode('test/bench/mqtt-load.ts', [], { stdio: ['pipe', 'pipe', 'pipe', 'ipc'], ...bound });
  load.child.on('message', ({ type }: { type: 'connected' | 'publishing' }) =>
    type === 'connected' ? given.onConnected?.() : given.onStart?.(),
  );
  load.child.stdin?.end(JSON.stringify(plan));
  const { code } = await load.ended;
  if (code !== 0) throw new Error(`The publisher failed:\n${load.text()}`);
  return JSON.parse(load.text()) as LoadResult;
}

export const median = (values: number[]): number =>
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
    commitMs: medianOf('commitMs'),
    ackP50InCommits: medianOf('ackP50Ms') / medianOf('commitMs'),
    ackP99InCommits: medianOf('ackP99Ms') / medianOf('commitMs'),
    kbPerConnection: medianOf('kbPerConnection'),
    acknowledged: sumOf('acknowledged'),
    stored: sumOf('stored'),
    rolledUp: sumOf('rolledUp'),
    lost: sumOf('acknowledged') - sumOf('stored'),
    doubled: sumOf('doubled'),
    rounds,
  };
}
