import { spawn } from 'node:child_process';
import type { Cluster } from './cluster.js';
import { PLAIN_ENVIRONMENT } from './run.js';

/** Watches over one server process; `dismiss` when that process has ended. */
export interface Watchdog {
  dismiss(): void;
}

/**
 * Its standard input is a pipe from this process, so it closes however this process ends, kill -9 included. Then: fast
 * shutdown, and after a minute an immediate one. A shell is all it needs.
 */
const SCRIPT = `
while read -r line; do :; done
kill -INT "$1" || exit 0
i=0
while [ -f "$2/postmaster.pid" ] && [ "$i" -lt 60 ]; do sleep 1; i=$((i + 1)); done
[ -f "$2/postmaster.pid" ] && kill -QUIT "$1"
`;

/** Starts a process, in its own session, that shuts server process `pid` down when this process is gone. */
export function startWatchdog(pid: number, { folder, account }: Cluster): Watchdog {
  const watchdog = spawn('/bin/sh', ['-c', SCRIPT, 'nyttospar-postgres-watchdog', String(pid), folder], {
    ...account,
    cwd: '/',
    env: PLAIN_ENVIRONMENT,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a watchdog the server still runs and still stops in order; only kill -9 would leave it behind.
  watchdog.on('error', () => undefined).unref();
  watchdog.stdin.on('error', () => undefined);
  // SIGKILL before its input closes: the process id may soon be someone else's.
  return { dismiss: () => watchdog.kill('SIGKILL') };
}
