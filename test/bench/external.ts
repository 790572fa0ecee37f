import { setTimeout as delay } from 'node:timers/promises';
import { migrate } from '#database';
import { withClient } from '../support/connection.js';
import { startMosquitto } from '../support/mosquitto.js';
import { startWorker, type Worker } from '../support/worker.js';
import { countStored, registerFleet, type Stored } from './fleet.js';
import { measureLimit } from './ingest.js';
import { cpuMs, describeMachine, type Machine } from './machine.js';
import { publish } from './product.js';
import { createDatabase, median, runRounds, type ServerInRound, withServer } from './server.js';
import { rowOf } from './table.js';

/** How large a run is. */
export interface ExternalBenchOptions {
  rounds: number;
  connections: number;
  inFlight: number;
  /** Usages a round, over all connections. */
  messages: number;
  /** Usages before those, which are not measured. */
  warmUp: number;
  /** Ingest processes that share the subscriptions. */
  workers: number;
  /** Whether usages carry attributes. */
  attributes: boolean;
  /** Folder for a CPU profile of each worker; profiling itself costs some speed. */
  profile?: string;
}

interface Round extends Stored {
  limitPerSecond: number;
  limitCpuMsPer1000: number;
  durablePerSecond: number;
  ratio: number;
  acknowledged: number;
  /** From the first publish to the last acknowledgement of the broker, which is not yet the commit. */
  acknowledgedSeconds: number;
  workersCpuMsPer1000: number;
  brokerCpuMsPer1000: number;
  postgresCpuMsPer1000: number;
}

/** Medians over the rounds; counts are sums over the rounds. Rates are usages a second. */
export interface ExternalBenchResult {
  machine: Machine;
  options: ExternalBenchOptions;
  limitPerSecond: number;
  durablePerSecond: number;
  ratio: number;
  cpuMsPer1000: number;
  cpuMsPer1000ByProcess: { workers: number; broker: number; postgres: number; limitPostgres: number };
  acknowledged: number;
  stored: number;
  rolledUp: number;
  lost: number;
  doubled: number;
  rounds: Round[];
}

/**
 * Measures, in turn within one run, the frozen reference program and the product behind a Mosquitto configured as
 * `docker/mosquitto` says: publish → broker → workers on shared subscriptions → commit. The clock stops when the last
 * usage is in its table and in the roll-ups, for the broker acknowledges earlier.
 */
export async function benchExternal(options: ExternalBenchOptions): Promise<ExternalBenchResult> {
  const rounds = await withServer((server) => runRounds(options.rounds, server, (one) => runRound(one, options)));
  return summarise(rounds, options);
}

async function runRound(server: ServerInRound, options: ExternalBenchOptions): Promise<Round> {
  const limit = await measureLimit(server, options.messages);
  const product = await measureProduct(server, options);
  return { ...product, ...limit, ratio: product.durablePerSecond / limit.limitPerSecond };
}

type ProductRound = Omit<Round, 'limitPerSecond' | 'limitCpuMsPer1000' | 'ratio'>;

async function measureProduct(server: ServerInRound, options: ExternalBenchOptions): Promise<ProductRound> {
  const databaseUrl = await createDatabase(server, `external_${server.round}`);
  await migrate(databaseUrl);
  const devices = await registerFleet(databaseUrl, options.connections);
  const broker = await startMosquitto(devices);
  const workers: Worker[] = [];
  try {
    for (let count = 0; count < options.workers; count += 1) {
      workers.push(await startWorker({ databaseUrl, brokerUrl: broker.url }, settingsOf(options)));
    }
    const pids = {
      workers: workers.map(({ child }) => child.pid ?? 0),
      broker: [broker.pid()],
      postgres: [server.postgresPid],
    };
    const to = { databaseUrl, port: broker.port, devices };
    const warm = await sendAndStore(to, { ...options, messages: options.warmUp, storedBefore: 0, agoMs: DAY_MS });
    const before = cpuOf(pids);
    const load = await sendAndStore(to, { ...options, storedBefore: warm.acknowledged, agoMs: 0 });
    const after = cpuOf(pids);
    const per1000 = (name: keyof typeof pids): number => (after[name] - before[name]) / (load.acknowledged / 1000);
    return {
      ...load,
      durablePerSecond: load.acknowledged / load.seconds,
      workersCpuMsPer1000: per1000('workers'),
      brokerCpuMsPer1000: per1000('broker'),
      postgresCpuMsPer1000: per1000('postgres'),
    };
  } finally {
    for (const worker of workers) await worker.drain();
    await broker.remove();
  }
}

const settingsOf = ({ profile }: ExternalBenchOptions): NodeJS.ProcessEnv =>
  profile ? { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profile}` } : {};

function cpuOf<Name extends string>(pids: Record<Name, number[]>): Record<Name, number> {
  const names = Object.keys(pids) as Name[];
  const sums = names.map((name) => [name, pids[name].reduce((sum, pid) => sum + cpuMs(pid), 0)] as const);
  return Object.fromEntries(sums) as Record<Name, number>;
}

interface Sending {
  databaseUrl: string;
  port: number;
  devices: Awaited<ReturnType<typeof registerFleet>>;
}

type Sent = Stored & { acknowledged: number; acknowledgedSeconds: number; seconds: number };

const DAY_MS = 86_400_000;

async function sendAndStore(
  { databaseUrl, ...to }: Sending,
  options: ExternalBenchOptions & { storedBefore: number; agoMs: number },
): Promise<Sent> {
  const messages = Math.ceil(options.messages / options.connections);
  const startMs = (Math.floor(Date.now() / 1000) - messages - 3600) * 1000 - options.agoMs;
  const plan = { ...to, messages, perMessage: 1, perSecond: 0, inFlight: options.inFlight, startMs };
  const { storedBefore } = options;
  const stored = timeUntilStored(databaseUrl, {
    from: storedBefore,
    to: storedBefore + messages * options.connections,
  });
  const { acknowledged, seconds } = await publish({ ...plan, hasAttributes: options.attributes });
  const { firstAtMs, lastAtMs } = await stored;
  const counted = await countStored(databaseUrl, { startMs, usages: messages });
  return {
    acknowledged,
    acknowledgedSeconds: seconds,
    seconds: (lastAtMs - firstAtMs) / 1000,
    ...counted,
    rolledUp: counted.rolledUp - storedBefore,
  };
}

/** Looking costs PostgreSQL something too. */
const LOOK_AGAIN_MS = 100;
const GIVE_UP_MS = 300_000;

/** From when the roll-ups last counted `from` usages to when they count `to`; what is missing after a while is lost. */
async function timeUntilStored(
  databaseUrl: string,
  { from, to }: { from: number; to: number },
): Promise<{ firstAtMs: number; lastAtMs: number }> {
  return withClient(databaseUrl, async (client) => {
    const count = async (): Promise<number> => {
      const { rows } = await client.query<{ n: string }>('select coalesce(sum(count), 0) as n from usage_hour');
      return Number(rows[0]?.n);
    };
    let firstAtMs = performance.now();
    for (
      const startedAtMs = performance.now();
      performance.now() - startedAtMs < GIVE_UP_MS;
      await delay(LOOK_AGAIN_MS)
    ) {
      const seen = await count();
      const nowMs = performance.now();
      if (seen === from) firstAtMs = nowMs;
      if (seen >= to) return { firstAtMs, lastAtMs: nowMs };
    }
    return { firstAtMs, lastAtMs: performance.now() };
  });
}

function summarise(rounds: Round[], options: ExternalBenchOptions): ExternalBenchResult {
  const medianOf = (key: keyof Round): number => median(rounds.map((round) => round[key]));
  const sumOf = (key: keyof Round): number => rounds.reduce((sum, round) => sum + round[key], 0);
  const cpu = {
    workers: medianOf('workersCpuMsPer1000'),
    broker: medianOf('brokerCpuMsPer1000'),
    postgres: medianOf('postgresCpuMsPer1000'),
  };
  return {
    machine: describeMachine(),
    options,
    limitPerSecond: medianOf('limitPerSecond'),
    durablePerSecond: medianOf('durablePerSecond'),
    ratio: medianOf('ratio'),
    cpuMsPer1000: cpu.workers + cpu.broker + cpu.postgres,
    cpuMsPer1000ByProcess: { ...cpu, limitPostgres: medianOf('limitCpuMsPer1000') },
    acknowledged: sumOf('acknowledged'),
    stored: sumOf('stored'),
    rolledUp: sumOf('rolledUp'),
    lost: sumOf('acknowledged') - sumOf('stored'),
    doubled: sumOf('doubled'),
    rounds,
  };
}

/** The result as a table for people. */
export function describeExternal(result: ExternalBenchResult): string {
  const { cpuMsPer1000ByProcess: cpu } = result;
  const row = rowOf(38, 14);
  return [
    `${result.machine.cpu}, ${result.machine.cores} cores, Node ${result.machine.node}\n`,
    row('reference limit, rows/s', result.limitPerSecond.toFixed(0)),
    row('durable behind Mosquitto, usages/s', result.durablePerSecond.toFixed(0)),
    row('ratio', result.ratio.toFixed(3)),
    row('CPU-ms per 1,000', result.cpuMsPer1000.toFixed(1)),
    row(
      '  workers + broker + PostgreSQL',
      `${cpu.workers.toFixed(1)} + ${cpu.broker.toFixed(1)} + ${cpu.postgres.toFixed(1)}`,
    ),
    row('CPU-ms per 1,000 of the limit', cpu.limitPostgres.toFixed(1)),
    row('acknowledged / stored / rolled up', `${result.acknowledged} / ${result.stored} / ${result.rolledUp}`),
    row('lost / doubled', `${result.lost} / ${result.doubled}`),
  ].join('');
}
