import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { identityApi } from '#contracts';
import { migrate } from '#database';
import { startPostgres } from '#embedded-postgres';
import pg from 'pg';
import { pickPort } from '../support/free-port.js';
import { type NodeProcess, runNode } from '../support/run-node.js';
import { createDatabase, refuseFullDisk } from './ingest.js';
import { cpuMs, describeMachine, type Machine } from './machine.js';
import { type FillResult, fillUsage } from './reads-fill.js';
import { type Kind, kindsOfRequest } from './reads-requests.js';
import { buildWorld, PASSWORD, PEOPLE, refreshSignals, type Who } from './reads-world.js';

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
export async function benchReads(options: ReadsBenchOptions): Promise<ReadsBenchResult> {
  return withDatabase(options.keep, async ({ databaseUrl, postgresPid }) => {
    await migrate(databaseUrl);
    const fill = await prepare(databaseUrl, options);
    const api = await startApi(databaseUrl);
    try {
      const startedAt = new Date().toISOString();
      const reads = await measure({ databaseUrl, postgresPid, api, options });
      return { machine: describeMachine(), options, startedAt, fill, reads };
    } finally {
      api.process.child.kill('SIGTERM');
      await api.process.ended;
    }
  });
}

interface Database {
  databaseUrl: string;
  postgresPid: number;
}

/** A durable PostgreSQL as the product starts it, in a folder that is kept or of its own. */
async function withDatabase<T>(keep: string | undefined, run: (database: Database) => Promise<T>): Promise<T> {
  const folder = keep === undefined ? await mkdtemp(join(tmpdir(), 'nyttospar-bench-')) : resolve(keep);
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o711);
  await refuseFullDisk(folder);
  const postgres = await startPostgres({ dataDir: join(folder, 'postgres') });
  try {
    const databaseUrl = await databaseOf(postgres.url, postgres.pid);
    return await run({ databaseUrl, postgresPid: postgres.pid });
  } finally {
    await postgres.stop(keep === undefined ? 'immediate' : 'fast');
    if (keep === undefined) await rm(folder, { recursive: true, force: true });
  }
}

async function databaseOf(adminUrl: string, postgresPid: number): Promise<string> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  const { rowCount } = await admin.query(`select from pg_database where datname = 'reads'`).finally(() => admin.end());
  if (rowCount === 0) return createDatabase({ adminUrl, postgresPid, round: 0 }, 'reads');
  const url = new URL(adminUrl);
  url.pathname = '/reads';
  return url.href;
}

async function prepare(databaseUrl: string, options: ReadsBenchOptions): Promise<FillResult> {
  const tell = (line: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
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
  } finally {
    await client.end();
  }
}

interface Api {
  process: NodeProcess;
  port: number;
}

/** The API as the product runs it, but for its timetable: nightly jobs are not measured here. */
async function startApi(databaseUrl: string): Promise<Api> {
  const port = await pickPort();
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: databaseUrl,
    HTTP_PORT: String(port),
    JOBS: 'off',
    CANARY: 'off',
  };
  const api = runNode('apps/api/src/main.ts', [], { env });
  await api.says(/"type":"ready"/);
  return { process: api, port };
}

interface Measuring extends Database {
  api: Api;
  options: ReadsBenchOptions;
}

/** Turns that are not measured: code is compiled and pages are read into memory meanwhile. */
const WARM_UP = 20;

/** All kinds in turn, so that whatever else the machine does meets them alike. */
async function measure({ databaseUrl, postgresPid, api, options }: Measuring): Promise<ReadsOfKind[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const [trivial, ...all] = await kindsOfRequest(client).finally(() => client.end());
  const kinds = [trivial!, ...all.filter(({ name }) => name.includes(options.only ?? ''))];
  const { port } = api;
  const cookies = await logInAll(port);
  const cpu = (): number => cpuMs(api.process.child.pid ?? 0) + cpuMs(postgresPid);
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
