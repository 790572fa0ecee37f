import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';
import { chooseAccount } from './account.js';
import { findBinaries } from './binaries.js';
import { type Cluster, ensureCluster, explainUnwritable, placeCluster, readPassword } from './cluster.js';
import { FolderInUse, type FolderHold, holdFolder } from './folder-hold.js';
import { endOrphan } from './orphan.js';
import { launchPostmaster, PortTaken, type Postmaster, type PostmasterExit } from './postmaster.js';
import { checkCluster } from './self-check.js';

/** How to start PostgreSQL; `log` receives the few lines a person should see. */
export interface PostgresOptions {
  /** The database's folder, made when missing; its password and log lie beside it. */
  dataDir: string;
  /** A free one is picked when not given. */
  port?: number;
  /** False gives up crash safety for speed: for tests only. */
  durable?: boolean;
  log?: (line: string) => void;
}

/** A running PostgreSQL that listens on 127.0.0.1 only. */
export interface RunningPostgres {
  /** The superuser's URL, password included: not for logs. */
  url: string;
  port: number;
  pid: number;
  /** Idempotent. `fast` writes everything out and disconnects clients, `immediate` leaves a recovery to the next start. */
  stop(mode?: 'fast' | 'immediate'): Promise<void>;
  /** Resolves when the server ends, by `stop` or by itself. */
  exited: Promise<PostmasterExit>;
}

/** A fast shutdown that takes longer than this becomes an immediate one. */
const FAST_STOP_MS = 30_000;

const PORT_ATTEMPTS = 5;

/**
 * Starts the PostgreSQL of the installed package on a folder of its own: creates the cluster at the first start, ends
 * what a killed run left, checks the Swedish locale, and returns when connections are taken. When this process ends in
 * whatever way, the server is shut down. Throws `PostgresStartError` or `FolderInUse`, both with a readable message.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const dataDir = resolve(options.dataDir);
  const hold = await holdDataFolder(dataDir);
  try {
    const postmaster = await startHeld(dataDir, options);
    return { ...postmaster, ...ending(postmaster, hold) };
  } catch (cause) {
    await hold.release();
    throw cause;
  }
}

async function holdDataFolder(dataDir: string): Promise<FolderHold> {
  try {
    await mkdir(dirname(dataDir), { recursive: true, mode: 0o755 });
    return await holdFolder(dataDir);
  } catch (cause) {
    throw cause instanceof FolderInUse ? cause : explainUnwritable(dataDir, cause);
  }
}

async function startHeld(
  dataDir: string,
  options: PostgresOptions,
): Promise<Postmaster & { port: number; url: string }> {
  const { durable = true, log = () => undefined } = options;
  const account = await chooseAccount(dataDir);
  const folder = await placeCluster(dataDir, account, log);
  const cluster: Cluster = { folder, account, binaries: await findBinaries(account, log) };
  await endOrphan(folder, log);
  await ensureCluster(cluster, durable);
  const password = await readPassword(dataDir);
  await checkCluster(cluster, password);
  const started = await startOnPort(cluster, { port: options.port, durable, logFile: `${dataDir}.log` });
  return { ...started, url: `postgres://postgres:${password}@127.0.0.1:${started.port}/postgres` };
}

interface StartSettings {
  port: number | undefined;
  durable: boolean;
  logFile: string;
}

/** A picked port can be taken by someone else before the server has it: then another is picked. */
async function startOnPort(cluster: Cluster, settings: StartSettings): Promise<Postmaster & { port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = settings.port ?? (await pickFreePort());
    try {
      return { ...(await launchPostmaster(cluster, { ...settings, port })), port };
    } catch (cause) {
      if (!(cause instanceof PortTaken) || settings.port !== undefined || attempt === PORT_ATTEMPTS) throw cause;
    }
  }
}

function pickFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

function ending({ pid, exited }: Postmaster, hold: FolderHold): Pick<RunningPostgres, 'stop' | 'exited'> {
  let hasExited = false;
  const released = exited.then(async (exit) => {
    hasExited = true;
    await hold.release();
    return exit;
  });
  const signal = (name: 'SIGINT' | 'SIGQUIT'): void => {
    if (!hasExited) process.kill(pid, name);
  };
  const stop = async (mode: 'fast' | 'immediate' = 'fast'): Promise<void> => {
    signal(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    const hurry = setTimeout(() => signal('SIGQUIT'), FAST_STOP_MS);
    await released.finally(() => clearTimeout(hurry));
  };
  return { stop, exited: released };
}
