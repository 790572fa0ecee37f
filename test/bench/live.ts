import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '#database';
import { localDay } from '#domain';
import { withClient } from '../support/connection.js';
import { pickPort } from '../support/free-port.js';
import { type NodeProcess, runNode } from '../support/run-node.js';
import { type BenchDevice, registerFleet } from './fleet.js';
import { type BenchViewer, setScene } from './live-scene.js';
import type { ViewersPlan, ViewersResult } from './live-viewers.js';
import { cpuMs, describeMachine, type Machine, monotonicMs } from './machine.js';
import type { LoadResult } from './mqtt-load.js';
import { publish, startApi, startIngest, stop } from './product.js';
import { createDatabase, median, runRounds, type ServerInRound, withServer } from './server.js';
import { rowOf } from './table.js';

/** How large a run is. */
export interface LiveBenchOptions {
  rounds: number;
  connections: number;
  /** Messages a second over all devices. */
  perSecond: number;
  inFlight: number;
  viewers: number;
  /** Pages, each of a unit with its share of devices and viewers. */
  views: number;
  /** What is measured. */
  seconds: number;
  /** What is sent before and not measured. */
  warmUpSeconds: number;
  /** Whether a rule has the worker compute qualifying units meanwhile. */
  rule: boolean;
  /** Folder for CPU profiles of the API and ingest; profiling itself costs some speed. */
  profile?: string;
}

/** Shares of one core. */
interface CpuShares {
  api: number;
  ingest: number;
  postgres: number;
  viewers: number;
}

interface Round extends ViewersResult, Pick<LoadResult, 'acknowledged' | 'ackP50Ms' | 'ackP99Ms'> {
  perSecond: number;
  cpu: CpuShares;
  stored: number;
}

/** Medians over the rounds; counts are sums. */
export interface LiveBenchResult extends Omit<Round, 'longestMs'> {
  machine: Machine;
  options: LiveBenchOptions;
  longestMs: number;
  rounds: Round[];
}

/**
 * Measures publish → first delta that counts the message, at every viewer of its unit (target S6): embedded broker,
 * ingest, PostgreSQL with fsync, API and the viewers as processes of their own.
 */
export async function benchLive(options: LiveBenchOptions): Promise<LiveBenchResult> {
  const rounds = await withServer((server) => runRounds(options.rounds, server, (one) => runRound(one, options)));
  return summarise(rounds, options);
}

async function runRound(server: ServerInRound, options: LiveBenchOptions): Promise<Round> {
  const databaseUrl = await createDatabase(server, `live_${server.round}`);
  await migrate(databaseUrl);
  const devices = await registerFleet(databaseUrl, options.connections);
  const viewers = await setScene(databaseUrl, options);
  const ports = { mqtt: await pickPort(), http: await pickPort() };
  const folder = await mkdtemp(join(tmpdir(), 'nyttospar-live-'));
  const apps: NodeProcess[] = [];
  try {
    const given = { databaseUrl, ...(options.profile !== undefined && { profile: options.profile }) };
    const ingest = await startIngest({ ...given, port: ports.mqtt });
    apps.push(ingest);
    const api = await startApi({ ...given, port: ports.http }, { DATA_DIR: folder, LOG_LEVEL: 'warn' });
    apps.push(api);
    const pids = { api: api.child.pid ?? 0, ingest: ingest.child.pid ?? 0, postgres: server.postgresPid };
    return await measure({ options, databaseUrl, devices, viewers, ports, pids, folder });
  } finally {
    await Promise.all(apps.map(stop));
    await rm(folder, { recursive: true, force: true });
  }
}

interface Scene {
  options: LiveBenchOptions;
  databaseUrl: string;
  devices: BenchDevice[];
  viewers: BenchViewer[];
  ports: { mqtt: number; http: number };
  pids: Omit<CpuShares, 'viewers'>;
  folder: string;
}

/** Sends at the pace that the options name, each device with the time of its message, and asks the viewers afterwards. */
async function measure({ options, databaseUrl, devices, viewers, ports, pids, folder }: Scene): Promise<Round> {
  const { connections, perSecond, inFlight, seconds, warmUpSeconds } = options;
  const ofEach = (of: number): number => Math.ceil((of * perSecond) / connections);
  const counts = { warmUp: ofEach(warmUpSeconds), messages: ofEach(warmUpSeconds) + ofEach(seconds) };
  const sentAtFile = join(folder, 'sent-at');
  const url = `http://127.0.0.1:${ports.http}`;
  const names = devices.map(({ publicId }) => publicId);
  const watching = await startViewers({ url, viewers, devices: names, sentAtFile, ...counts });
  const startMs = Date.now();
  assertOneDay(startMs, (warmUpSeconds + seconds + 60) * 1000);
  const meter = cpuMeter({ ...pids, viewers: watching.process.child.pid ?? 0 });
  const load = await publish(
    {
      port: ports.mqtt,
      devices,
      perMessage: 1,
      hasAttributes: false,
      stepMs: (1000 * connections) / perSecond,
      ...{ inFlight, perSecond, startMs, sentAtFile, ...counts },
    },
    { onStart: () => (meter.start(), watching.tell()) },
  );
  const cpu = meter.stop();
  watching.tell();
  const seen = await watching.result();
  const { ackP50Ms, ackP99Ms, acknowledged } = load;
  const { rows } = await withClient(databaseUrl, (client) =>
    client.query<{ stored: number }>('select count(*)::int as stored from usage'),
  );
  const stored = rows[0]?.stored ?? 0;
  return { ...seen, ackP50Ms, ackP99Ms, acknowledged, stored, perSecond: load.measured / load.seconds, cpu };
}

/** What is counted on a page is today's: a run must not reach over midnight. */
function assertOneDay(startMs: number, lengthMs: number): void {
  const dayOf = (ms: number): string => localDay(ms, 'Europe/Stockholm');
  if (dayOf(startMs) !== dayOf(startMs + lengthMs)) throw new Error('Midnight is too near: run it again after it.');
}

/** Starts the viewers; `tell` says that the next part begins: the measured one, and then the end. */
async function startViewers(
  plan: ViewersPlan,
): Promise<{ process: NodeProcess; tell: () => void; result: () => Promise<ViewersResult> }> {
  const process = runNode('test/bench/live-viewers.ts', [], { stdio: ['pipe', 'pipe', 'pipe', 'ipc'] });
  const watching = new Promise<void>((resolve) => process.child.once('message', () => resolve()));
  process.child.stdin?.end(JSON.stringify(plan));
  const ended = process.ended.then(({ code }) => {
    if (code !== 0) throw new Error(`The viewers failed:\n${process.text()}`);
    return JSON.parse(process.text()) as ViewersResult;
  });
  await Promise.race([watching, ended]);
  return { process, tell: () => void process.child.send('go on'), result: () => ended };
}

/** Measures shares of a core between start and stop. */
function cpuMeter(pids: Record<keyof CpuShares, number>): { start: () => void; stop: () => CpuShares } {
  const read = (): number[] => Object.values(pids).map(cpuMs);
  let before = read();
  let beganAt = monotonicMs();
  const start = (): void => {
    before = read();
    beganAt = monotonicMs();
  };
  const stop = (): CpuShares => {
    const ms = monotonicMs() - beganAt;
    const shares = read().map((after, index) => (after - before[index]!) / ms);
    return Object.fromEntries(Object.keys(pids).map((name, index) => [name, shares[index]!])) as Record<
      keyof CpuShares,
      number
    >;
  };
  return { start, stop };
}

function summarise(rounds: Round[], options: LiveBenchOptions): LiveBenchResult {
  const middle = (pick: (round: Round) => number): number => median(rounds.map(pick));
  const sum = (pick: (round: Round) => number): number => rounds.reduce((total, round) => total + pick(round), 0);
  return {
    machine: describeMachine(),
    options,
    p50Ms: middle(({ p50Ms }) => p50Ms),
    p95Ms: middle(({ p95Ms }) => p95Ms),
    p99Ms: middle(({ p99Ms }) => p99Ms),
    longestMs: Math.max(...rounds.map(({ longestMs }) => longestMs)),
    cpu: {
      api: middle(({ cpu }) => cpu.api),
      ingest: middle(({ cpu }) => cpu.ingest),
      postgres: middle(({ cpu }) => cpu.postgres),
      viewers: middle(({ cpu }) => cpu.viewers),
    },
    perSecond: middle(({ perSecond }) => perSecond),
    ackP50Ms: middle(({ ackP50Ms }) => ackP50Ms),
    ackP99Ms: middle(({ ackP99Ms }) => ackP99Ms),
    deltasPerSecond: middle(({ deltasPerSecond }) => deltasPerSecond),
    bytesPerSecond: middle(({ bytesPerSecond }) => bytesPerSecond),
    acknowledged: sum(({ acknowledged }) => acknowledged),
    stored: sum(({ stored }) => stored),
    measured: sum(({ measured }) => measured),
    unseen: sum(({ unseen }) => unseen),
    gaps: sum(({ gaps }) => gaps),
    rounds,
  };
}

/** The result as a table for people. */
export function describeLive({ machine, options, cpu, ...result }: LiveBenchResult): string {
  const row = rowOf(46, 22);
  const share = (of: number): string => `${(of * 100).toFixed(1)} %`;
  const ms = (...values: number[]): string => values.map((value) => value.toFixed(1)).join(' / ');
  return [
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}\n`,
    row(`${options.viewers} viewers of ${options.views} pages, messages/s`, result.perSecond.toFixed(0)),
    row('publish → delta p50 / p95 / p99, ms', ms(result.p50Ms, result.p95Ms, result.p99Ms)),
    row('  longest, ms', ms(result.longestMs)),
    row('API, share of a core', share(cpu.api)),
    row('ingest / PostgreSQL', `${share(cpu.ingest)} / ${share(cpu.postgres)}`),
    row('the viewers, for comparison', share(cpu.viewers)),
    row('PUBACK p50 / p99, ms', ms(result.ackP50Ms, result.ackP99Ms)),
    row('deltas/s a viewer', result.deltasPerSecond.toFixed(1)),
    row('kB/s a viewer', (result.bytesPerSecond / 1000).toFixed(1)),
    row('acknowledged / stored', `${result.acknowledged} / ${result.stored}`),
    row('never seen, of pairs message and viewer', `${result.unseen} of ${result.measured + result.unseen}`),
    row('gaps in the revisions', String(result.gaps)),
  ].join('');
}
