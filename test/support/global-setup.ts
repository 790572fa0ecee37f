import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

/** What every test worker is told about the run's PostgreSQL. */
export interface TestPostgres {
  adminUrl: string;
  template: string;
  /** Begins the name of every database of this run. */
  prefix: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: TestPostgres;
  }
}

/** Once per test run: a server and a migrated template; at the end nothing of this run is left. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  refuseOldNode();
  const server = launchServer();
  project.provide('postgres', await untilReady(server));
  return async () => {
    const ended = once(server, 'exit');
    server.disconnect();
    await ended;
  };
}

function refuseOldNode(): void {
  if (Number.parseInt(process.versions.node, 10) >= 24) return;
  throw new Error(`Node ${process.versions.node} is too old for the tests: "npm test" brings Node 24.`);
}

/** In its own session: Ctrl-C ends the test runner, and then this process cleans up in peace. */
function launchServer(): ChildProcess {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const hooks = ['--conditions=source', '--import', './test/support/typescript-hooks.js'];
  return spawn(process.execPath, [...hooks, 'test/support/serve-postgres.ts'], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

async function untilReady(server: ChildProcess): Promise<TestPostgres> {
  return new Promise((resolve, reject) => {
    server.once('message', (message: { postgres: TestPostgres } | { problem: string }) => {
      if ('postgres' in message) resolve(message.postgres);
      else reject(new Error(`The tests' PostgreSQL could not be started: ${message.problem}`));
    });
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`The tests' PostgreSQL ended with exit code ${code}`)));
  });
}
