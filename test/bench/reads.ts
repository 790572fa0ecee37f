import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { identityApi } from '#contracts';
import { migrate } from '#database';
import { urlOf, withClient } from '../support/connection.js';
import { pickPort } from '../support/free-port.js';
import { cpuMs, describeMachine, type Machine } from './machine.js';
import { startApi, stop } from './product.js';
import { type FillResult, fillUsage } from './reads-fill.js';
import { type Kind, kindsOfRequest } from './reads-requests.js';
import { buildWorld, PASSWORD, PEOPLE, refreshSignals, type Who } from './reads-world.js';
import { createDatabase, type Server, withServer } from './server.js';

/** How large a run is. */
export interface ReadsBenchOptions {
  /** Usages that are stored before anything is asked. */
  rows: number;
  devices: number;
  trials: number;
  /** Requests of each kind. */
  requests: number;
  /** Where the filled database is kept for a further run; without it, it is gone afterwards. */
  keep?: string;
  /** Only kinds of request whose name holds this. */
  only?: string;
}

/** How long one kind of request took, in ms from the request to the answer's last byte. */
export interface ReadsOfKind {
  name: string;
  who: Who;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  /** CPU of the API and PostgreSQL a request, mean: on a busy machine the figure that still says something. */
  cpuMs: number;
  /** p95 as a multiple of the trivial request's median in this run. */
  p95InTrivial: number;
  /** Median bytes of the answer's body, which is not compressed. */
  bytes: number;
  wantedMs: number | null;
  isMet: boolean | null;
}

export interface ReadsBenchResult {
  machine: Machine;
  options: ReadsBenchOptions;
  /** Today's share of the pages depends on it. */
  startedAt: string;
  fill: FillResult;
  reads: ReadsOfKind[];
}

/** Asks the API, running as a process of its own on a filled database, for its pages as people do (target S11). */
export async function benchReads({ keep, ...options }: ReadsBenchOptions): Promise<ReadsBenchResult> {
  return withServer(async (server) => {
    const databaseUrl = await databaseOf(server);
    await migrate(databaseUrl);
    const fill = await prepare(databaseUrl, options);
    const port = await pickPort();
    // Nightly jobs are not measured here.
    const api = await startApi({ databaseUrl, port }, { JOBS: 'off' });
    try {
      const startedAt = new Date().toISOString();
      const pids = [api.child.pid ?? 0, server.postgresPid];
      const reads = await measure({ databaseUrl, pids, port, options });
      return { machine: describeMachine(), options, startedAt, fill, reads };
    } finally {
      await stop(api);
    }
  }, keep);
}

/** A new database, or the one that was kept. */
async function databaseOf(server: Server): Promise<string> {
  const { rowCount } = await withClient(server.adminUrl, (admin) =>
    admin.query(`select from pg_database where datname = 'reads'`),
  );
  return rowCount === 0 ? createDatabase(server, 'reads') : urlOf('reads', server.adminUrl);
}

async function prepare(databaseUrl: string, options: ReadsBenchOptions): Promise<FillResult> {
  const tell = (line: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
  return withClient(databaseUrl, async (client) => {
    const { rowCount } = await client.query('select from trial limit 1');
    if (rowCount === 0) {
      tell(`building ${options.devices} devices and ${options.trials} trials`);
      await buildWorld(client, options);
    }
    const fill = await fillUsage(databaseUrl, options.rows, tell);
    await refreshSignals(client);
    await client.query('vacuum analyze device_signal');
    tell(`${fill.usages} usages from ${fill.from} to ${fill.to}, filled in ${fill.seconds.toFixed(0)} s`);
    return fill;
  });
}

interface Measuring {
  databaseUrl: string;
  /** Whose CPU is counted. */
  pids: readonly number[];
  port: number;
  options: ReadsBenchOptions;
}

/** Turns that are not measured: code is compiled and pages are read into memory meanwhile. */
const WARM_UP = 20;

/** All kinds in turn, so that whatever else the machine does meets them alike. */
async function measure({ databaseUrl, pids, port, options }: Measuring): Promise<ReadsOfKind[]> {
  const [trivial, ...all] = await withClient(databaseUrl, kindsOfRequest);
  const kinds = [trivial!, ...all.filter(({ name }) => name.includes(options.only ?? ''))];
  const cookies = await logInAll(port);
  const cpu = (): number => pids.reduce((sum, pid) => sum + cpuMs(pid), 0);
  const asked = new Map(kinds.map((kind) => [kind, [] as Answer[]]));
  for (let turn = -WARM_UP; turn < options.requests; turn += 1) {
    for (const [kind, answers] of asked) {
      const before = cpu();
      const answer = await get({ port, path: kind.next(), cookie: cookies[kind.who] });
      if (turn >= 0) answers.push({ ms: answer.ms, bytes: answer.body.length, cpuMs: cpu() - before });
      assertRight(kind, answer);
    }
  }
  const trivialMs = percentile(
    asked.get(trivial!)!.map(({ ms }) => ms),
    0.5,
  );
  return kinds.map((kind) => readsOf(kind, asked.get(kind)!, trivialMs));
}

interface Answer {
  ms: number;
  cpuMs: number;
  bytes: number;
}

function readsOf({ name, who, wantedMs }: Kind, answers: readonly Answer[], trivialMs: number): ReadsOfKind {
  const ms = answers.map((answer) => answer.ms);
  const p95Ms = percentile(ms, 0.95);
  return {
    name,
    who,
    p50Ms: percentile(ms, 0.5),
    p95Ms,
    p99Ms: percentile(ms, 0.99),
    cpuMs: answers.reduce((sum, answer) => sum + answer.cpuMs, 0) / answers.length,
    p95InTrivial: p95Ms / trivialMs,
    bytes: percentile(
      answers.map(({ bytes }) => bytes),
      0.5,
    ),
    wantedMs: wantedMs ?? null,
    isMet: wantedMs === undefined ? null : p95Ms <= wantedMs,
  };
}

const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((one, other) => one - other)[Math.min(values.length - 1, Math.floor(values.length * share))] ??
  Number.NaN;

function assertRight({ name, who, isRight }: Kind, { status, path, body }: Got): void {
  if (status === 200 && isRight(JSON.parse(body.toString()))) return;
  throw new Error(`${name} (${who}), ${path}: ${status} ${body.toString().slice(0, 300)}`);
}

interface Got {
  status: number;
  path: string;
  ms: number;
  body: Buffer;
  headers: IncomingMessage['headers'];
}

const agent = new Agent({ keepAlive: true });

interface Asking {
  port: number;
  path: string;
  cookie?: string;
  /** Given: a POST of it as JSON. */
  sent?: object;
}

async function get({ port, path, cookie, sent }: Asking): Promise<Got> {
  const headers = { ...(cookie && { cookie }), ...(sent && { 'content-type': 'application/json' }) };
  const started = performance.now();
  const call = request({ host: '127.0.0.1', port, path, agent, method: sent ? 'POST' : 'GET', headers });
  call.end(sent && JSON.stringify(sent));
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part as Buffer);
  const ms = performance.now() - started;
  return { status: answer.statusCode ?? 0, path, ms, body: Buffer.concat(parts), headers: answer.headers };
}

async function logInAll(port: number): Promise<Record<Who, string>> {
  const cookies: [string, string][] = [];
  for (const who of Object.keys(PEOPLE)) {
    const sent = { email: `${who}@storby.example.se`, password: PASSWORD };
    const { status, headers, body } = await get({ port, path: identityApi.logIn.path, sent });
    if (status !== 200) throw new Error(`${who} cannot log in: ${status} ${body.toString()}`);
    cookies.push([who, headers['set-cookie']?.[0]?.split(';')[0] ?? '']);
  }
  return Object.fromEntries(cookies) as Record<Who, string>;
}

/** The result as a table for people. */
export function describeReads({ machine, options, fill, reads, startedAt }: ReadsBenchResult): string {
  const row = (cells: string[]): string =>
    `${cells[0]!.padEnd(48)}${cells
      .slice(1)
      .map((cell) => cell.padStart(10))
      .join('')}\n`;
  return [
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; started ${startedAt}\n`,
    `${fill.usages} usages, ${fill.hours} hours, ${fill.lifeHours} signs of life of ${options.devices} devices; ${options.trials} trials\n`,
    fill.filled > 0
      ? `${fill.filled} of them filled in ${fill.seconds.toFixed(0)} s, ${(fill.filled / fill.seconds).toFixed(0)}/s\n`
      : 'kept from an earlier run\n',
    row([`ms, ${options.requests} requests each`, 'p50', 'p95', 'p99', 'CPU', 'p95/who', 'kB', 'wanted', '']),
    ...reads.map(({ name, who, p50Ms, p95Ms, p99Ms, cpuMs: cpu, p95InTrivial, bytes, wantedMs, isMet }) =>
      row([
        `${name} (${who})`,
        p50Ms.toFixed(1),
        p95Ms.toFixed(1),
        p99Ms.toFixed(1),
        cpu.toFixed(1),
        p95InTrivial.toFixed(1),
        (bytes / 1000).toFixed(1),
        wantedMs === null ? '' : `≤ ${wantedMs}`,
        isMet === null ? '' : isMet ? 'met' : 'MISSED',
      ]),
    ),
  ].join('');
}
