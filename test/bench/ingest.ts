import { migrate } from '#database';
import { pickPort } from '../support/free-port.js';
import { countStored, fillHistory, registerFleet, type Stored } from './fleet.js';
import { cpuMs, describeMachine, memoryKb, type Machine } from './machine.js';
import type { LoadResult } from './mqtt-load.js';
import { publish, startIngest, stop } from './product.js';
import { measureCommit, runLimit } from './reference-limit.js';
import { createDatabase, median, runRounds, type ServerInRound, withServer } from './server.js';
import { rowOf } from './table.js';

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

async function runRound(server: ServerInRound, options: IngestBenchOptions): Promise<Round> {
  const limit = await measureLimit(server, options.messages);
  const product = await measureProduct(server, options);
  return { ...product, ...limit, ratio: product.durablePerSecond / limit.limitPerSecond };
}

export async function measureLimit(
  server: ServerInRound,
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
export async function measureProduct(server: ServerInRound, options: IngestBenchOptions): Promise<ProductRound> {
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
    await stop(ingest);
  }
}

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

/** The result as a table for people. */
export function describeIngest(result: IngestBenchResult): string {
  const { cpuMsPer1000ByProcess: cpu } = result;
  const row = rowOf(38, 14);
  return [
    `${result.machine.cpu}, ${result.machine.cores} cores, Node ${result.machine.node}\n`,
    row('reference limit, rows/s', result.limitPerSecond.toFixed(0)),
    row('durable through the broker, usages/s', result.durablePerSecond.toFixed(0)),
    row('ratio', result.ratio.toFixed(3)),
    row('CPU-ms per 1,000 (ingest + PostgreSQL)', `${cpu.ingest.toFixed(1)} + ${cpu.postgres.toFixed(1)}`),
    row('CPU-ms per 1,000 of the limit', cpu.limitPostgres.toFixed(1)),
    row('PUBACK p50 / p99, ms', `${result.ackP50Ms.toFixed(1)} / ${result.ackP99Ms.toFixed(1)}`),
    row('  in single-row commits', `${result.ackP50InCommits.toFixed(1)} / ${result.ackP99InCommits.toFixed(1)}`),
    row('memory per connection, kB', result.kbPerConnection.toFixed(1)),
    row('acknowledged / stored / rolled up', `${result.acknowledged} / ${result.stored} / ${result.rolledUp}`),
    row('lost / doubled', `${result.lost} / ${result.doubled}`),
  ].join('');
}
