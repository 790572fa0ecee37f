import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from './cluster.js';
import { PostgresStartError } from './postgres-start-error.js';
import { PLAIN_ENVIRONMENT } from './run.js';
import { startWatchdog } from './watchdog.js';

/** How the server process ended. */
export interface PostmasterExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A running server process; `exited` resolves once, however it ends. */
export interface Postmaster {
  pid: number;
  exited: Promise<PostmasterExit>;
}

/** What a start of the server needs to know beyond its cluster. */
export interface ServerSettings {
  port: number;
  durable: boolean;
  logFile: string;
}

/** The log of a long-lived installation; the one before is kept as `….1`. */
const LOG_LIMIT_BYTES = 5_000_000;

const READY_POLL_MS = 10;

/** The port is taken; another may be tried. */
export class PortTaken extends PostgresStartError {}

/**
 * Starts the server with a watchdog and returns when it takes connections; a crash recovery may take its time. Throws
 * `PortTaken`, or `PostgresStartError` with the end of the server's log.
 */
export async function launchPostmaster(cluster: Cluster, settings: ServerSettings): Promise<Postmaster> {
  const server = await spawnServer(cluster, settings);
  const exited = exitOf(server);
  const { pid } = server;
  if (pid === undefined) throw await explainEarlyExit(settings, await exited);
  const watchdog = startWatchdog(pid, cluster);
  void exited.then(() => watchdog.dismiss());
  if (!(await untilReady(cluster.folder, server))) throw await explainEarlyExit(settings, await exited);
  return { pid, exited };
}

async function spawnServer({ folder, binaries, account }: Cluster, settings: ServerSettings): Promise<ChildProcess> {
  await rotateLog(settings.logFile);
  const log = await open(settings.logFile, 'a', 0o600);
  try {
    return spawn(join(binaries.folder, 'bin', 'postgres'), ['-D', folder, ...serverOptions(settings)], {
      ...account,
      cwd: '/',
      env: PLAIN_ENVIRONMENT,
      detached: true, // its own session: a Ctrl-C in the terminal must not end it before the applications have drained
      stdio: ['ignore', log.fd, log.fd],
    });
  } finally {
    await log.close();
  }
}

async function rotateLog(file: string): Promise<void> {
  const size = (await stat(file).catch(() => undefined))?.size ?? 0;
  if (size > LOG_LIMIT_BYTES) await rename(file, `${file}.1`);
}

function serverOptions({ port, durable }: ServerSettings): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    // Refused statements and their values may hold what people wrote: they stay out of the log.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

function exitOf(server: ChildProcess): Promise<PostmasterExit> {
  return new Promise((resolve) => {
    server.once('error', () => resolve({ code: null, signal: null }));
    server.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

/** For a message: `exit code 1`, `signal SIGKILL`, `could not be started`. */
export function describeExit({ code, signal }: PostmasterExit): string {
  if (signal !== null) return `signal ${signal}`;
  return code === null ? 'could not be started' : `exit code ${code}`;
}

/** The server writes its state on line 8 of postmaster.pid; line 1 tells whose file it is. False when it ended. */
async function untilReady(folder: string, server: ChildProcess): Promise<boolean> {
  while (server.exitCode === null && server.signalCode === null) {
    const lines = (await readFile(join(folder, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
    if (lines[0] === String(server.pid) && lines[7]?.trim() === 'ready') return true;
    await delay(READY_POLL_MS);
  }
  return false;
}

async function explainEarlyExit({ logFile, port }: ServerSettings, exit: PostmasterExit): Promise<PostgresStartError> {
  const lastLines = (await readLogEnd(logFile)).split('\n').slice(-8).join('\n');
  if (/Address already in use/.test(lastLines)) return new PortTaken(`Port ${port} for PostgreSQL is taken.`);
  return new PostgresStartError(`PostgreSQL ended while starting (${describeExit(exit)}). Its log says:\n${lastLines}`);
}

/** The last lines that the server wrote; '' when there is no log. */
export async function readLogEnd(logFile: string): Promise<string> {
  return (await readFile(logFile, 'utf8').catch(() => '')).trimEnd().slice(-2_000);
}
