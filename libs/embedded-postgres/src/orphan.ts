import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { PostgresStartError } from './postgres-start-error.js';

/** A fast shutdown writes everything out first; that long is a full checkpoint on a slow disk. */
const FAST_MS = 30_000;
const IMMEDIATE_MS = 10_000;
const POLL_MS = 20;

/**
 * Ends the server that an earlier, killed process may have left on `folder`, and waits for its end. Call it only while
 * holding the folder: then nobody else can be using that server. Throws `PostgresStartError` if it cannot be ended.
 */
export async function endOrphan(folder: string, log: (line: string) => void): Promise<void> {
  const pidFile = join(folder, 'postmaster.pid');
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10);
  if (!Number.isInteger(pid)) return;
  if (!(await isServerOn(folder, pid))) {
    // After a crash of the machine that process id may be anybody's, and PostgreSQL itself would refuse to start.
    await rm(pidFile, { force: true });
    return;
  }
  log('Waiting for the PostgreSQL of an earlier run to end …');
  if (await endsAfter('SIGINT', { folder, pid, withinMs: FAST_MS })) return;
  if (await endsAfter('SIGQUIT', { folder, pid, withinMs: IMMEDIATE_MS })) return;
  throw new PostgresStartError(
    `PostgreSQL of an earlier run (process id ${pid}) does not end. End it, then start again.`,
  );
}

interface Orphan {
  folder: string;
  pid: number;
  withinMs: number;
}

async function endsAfter(signal: NodeJS.Signals, { folder, pid, withinMs }: Orphan): Promise<boolean> {
  signalOrphan(signal, pid);
  // Not kill(pid, 0): where process 1 does not collect its children, the dead stay visible to that.
  for (let waitedMs = 0; waitedMs < withinMs; waitedMs += POLL_MS) {
    if (!(await isServerOn(folder, pid))) return true;
    await delay(POLL_MS);
  }
  return false;
}

function signalOrphan(signal: NodeJS.Signals, pid: number): void {
  try {
    process.kill(pid, signal);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ESRCH') return;
    const message = `PostgreSQL of an earlier run (process id ${pid}) belongs to another user. End it, then start again.`;
    throw new PostgresStartError(message, { cause });
  }
}

/** Whether that process is a PostgreSQL server started on that folder. */
export async function isServerOn(folder: string, pid: number): Promise<boolean> {
  const words = await readCommand(pid);
  return words.includes('postgres') && words.includes(folder);
}

async function readCommand(pid: number): Promise<string> {
  if (process.platform === 'linux') return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const { stdout } = await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }));
  return stdout;
}
