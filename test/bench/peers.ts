import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { withClient } from '../support/connection.js';
import { CONTENDERS, type Contender, type ContenderName } from './contenders.js';
import { measureLimit } from './ingest.js';
import { describeMachine, type Machine } from './machine.js';
import { type CrashRun, runSteady, runWithCrash, type SteadyRun } from './peer-run.js';
import { createDatabase, median, runRounds, type ServerInRound, withServer } from './server.js';

/** How large a run is. */
export interface PeersBenchOptions {
  /** Usages a run, over all connections; at most 500,000. */
  messages: number;
  connections: number;
  inFlight: number;
  /** Messages a second in the steady runs; 0 = as fast as acknowledgements allow. */
  offeredPerSecond?: number;
  /** Steady runs of each; medians are printed. */
  rounds?: number;
}

interface ContenderResult {
  name: ContenderName;
  /** Medians over the rounds; counts are sums. */
  steady: SteadyRun;
  crashed: CrashRun;
  /** The product's rate stored by this one's, median over the rounds. */
  productTimes: number;
}

export interface PeersBenchResult {
  machine: Machine;
  versions: Record<string, string>;
  options: Required<PeersBenchOptions>;
  limitPerSecond: number;
  limitCpuMsPer1000: number;
  contenders: ContenderResult[];
  rounds: { limitPerSecond: number; steady: Record<ContenderName, SteadyRun> }[];
}

const MOST_MESSAGES = 500_000;
const NAMES = Object.keys(CONTENDERS) as ContenderName[];

/**
 * Measures in turn, within one run, the frozen limit, the product and what a user would pick instead; then each once more
 * with one kill -9 in mid-load. Fails with the command to type when the peers are not installed.
 */
export async function benchPeers(options: PeersBenchOptions): Promise<PeersBenchResult> {
  refuseWithoutPeers();
  if (options.messages > MOST_MESSAGES) throw new Error(`At most ${MOST_MESSAGES} messages.`);
  const full = { offeredPerSecond: 0, rounds: 1, ...options };
  return withServer(async (server) => {
    const rounds = await runRounds(full.rounds, server, (one) => runRound(one, full));
    const crashed = await runAll({ ...server, round: full.rounds }, full, (one) => runWithCrash(one, full));
    return summarise(full, rounds, crashed);
  });
}

function refuseWithoutPeers(): void {
  const isInstalled = ['node-red/red.js', '@nestjs/microservices/package.json'].every((file) =>
    existsSync(installed(file)),
  );
  if (!isInstalled) throw new Error('The peers are not installed: run "npm ci --prefix test/bench/peers" once.');
  if (!mosquittoVersion()) throw new Error('The peers need the program mosquitto (Debian: apt-get install mosquitto).');
}

const installed = (file: string): URL => new URL(`./peers/node_modules/${file}`, import.meta.url);

const mosquittoVersion = (): string | undefined =>
  /version (\S+)/.exec(spawnSync('mosquitto', ['-h'], { encoding: 'utf8' }).stdout ?? '')?.[1];

interface Round {
  limitPerSecond: number;
  limitCpuMsPer1000: number;
  steady: Record<ContenderName, SteadyRun>;
}

async function runRound(server: ServerInRound, options: Required<PeersBenchOptions>): Promise<Round> {
  const limit = await measureLimit(server, options.messages);
  const plan = { ...options, postgresPid: server.postgresPid };
  return { ...limit, steady: await runAll(server, options, (one) => runSteady(one, plan)) };
}

/** Each contender alone, in a database of its own, after a checkpoint so that none pays for the one before. */
async function runAll<Run>(
  server: ServerInRound,
  { connections }: { connections: number },
  run: (contender: Contender) => Promise<Run>,
): Promise<Record<ContenderName, Run>> {
  const runs: Partial<Record<ContenderName, Run>> = {};
  for (const [index, name] of NAMES.entries()) {
    const databaseUrl = await createDatabase(server, `contender_${server.round}_${index}`);
    const contender = await CONTENDERS[name]({ databaseUrl, connections });
    try {
      await withClient(databaseUrl, (client) => client.query('checkpoint'));
      runs[name] = await run(contender);
    } finally {
      await contender.remove();
    }
  }
  return runs as Record<ContenderName, Run>;
}

async function summarise(
  options: Required<PeersBenchOptions>,
  rounds: Round[],
  crashed: Record<ContenderName, CrashRun>,
): Promise<PeersBenchResult> {
  const rateOf = (round: Round, name: ContenderName): number => round.steady[name].storedPerSecond;
  return {
    machine: describeMachine(),
    versions: await versions(),
    options,
    limitPerSecond: median(rounds.map((round) => round.limitPerSecond)),
    limitCpuMsPer1000: median(rounds.map((round) => round.limitCpuMsPer1000)),
    contenders: NAMES.map((name) => ({
      name,
      steady: middle(rounds.map(({ steady }) => steady[name])),
      crashed: crashed[name],
      productTimes: median(rounds.map((round) => rateOf(round, 'nyttospar') / rateOf(round, name))),
    })),
    rounds,
  };
}

function middle(runs: SteadyRun[]): SteadyRun {
  const medianOf = (value: (run: SteadyRun) => number): number => median(runs.map(value));
  const sumOf = (value: (run: SteadyRun) => number): number => runs.reduce((sum, run) => sum + value(run), 0);
  return {
    acknowledged: sumOf((run) => run.acknowledged),
    stored: sumOf((run) => run.stored),
    lost: sumOf((run) => run.lost),
    doubled: sumOf((run) => run.doubled),
    hasSettled: runs.every((run) => run.hasSettled),
    storedPerSecond: medianOf((run) => run.storedPerSecond),
    acknowledgedPerSecond: medianOf((run) => run.acknowledgedPerSecond),
    cpuMsPer1000: {
      broker: medianOf((run) => run.cpuMsPer1000.broker),
      program: medianOf((run) => run.cpuMsPer1000.program),
      postgres: medianOf((run) => run.cpuMsPer1000.postgres),
    },
  };
}

async function versions(): Promise<Record<string, string>> {
  const versionOf = async (name: string): Promise<[string, string]> => {
    const { version } = JSON.parse(await readFile(installed(`${name}/package.json`), 'utf8')) as { version: string };
    return [name, version];
  };
  const packages = await Promise.all(['node-red', '@nestjs/microservices', 'typeorm', 'pg', 'mqtt'].map(versionOf));
  return { ...Object.fromEntries(packages), mosquitto: mosquittoVersion() ?? 'unknown' };
}

/** The result as a table for people. */
export function describePeers(result: PeersBenchResult): string {
  const { machine, limitPerSecond, limitCpuMsPer1000, contenders } = result;
  const head = ['', 'stored/s', 'product ×', 'acked/s', 'CPU-ms per 1,000', 'lost', 'doubled', 'lost by a kill'];
  const rows = contenders.map(({ name, steady, crashed, productTimes }) => [
    name,
    steady.storedPerSecond.toFixed(0),
    productTimes.toFixed(1),
    steady.acknowledgedPerSecond.toFixed(0),
    cpuText(steady),
    lostText(steady),
    String(steady.doubled + crashed.doubled),
    lostText(crashed),
  ]);
  const widths = [32, 9, 10, 9, 24, 16, 8, 16];
  const line = (cells: string[]): string => `${cells.map((cell, at) => pad(cell, widths[at] ?? 0, at)).join(' ')}\n`;
  return [
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}\n`,
    `reference limit: ${limitPerSecond.toFixed(0)} rows/s at ${limitCpuMsPer1000.toFixed(1)} CPU-ms of PostgreSQL per 1,000\n`,
    line(head),
    ...rows.map(line),
    'CPU: broker + program + PostgreSQL; the product’s broker is inside its program. Lost: acknowledged, not stored.\n',
  ].join('');
}

const pad = (cell: string, width: number, at: number): string => (at === 0 ? cell.padEnd(width) : cell.padStart(width));

function cpuText({ cpuMsPer1000: { broker, program, postgres } }: SteadyRun): string {
  const parts = [broker, program, postgres].map((ms) => ms.toFixed(0)).join(' + ');
  return `${(broker + program + postgres).toFixed(0)} = ${parts}`;
}

function lostText({ lost, acknowledged, hasSettled }: SteadyRun | CrashRun): string {
  return `${hasSettled ? '' : '≤ '}${lost} (${((100 * lost) / acknowledged).toFixed(1)} %)`;
}
