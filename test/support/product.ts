import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { expect, vi } from 'vitest';
import { runBuilt } from './run-node.js';

/** The built product as the README starts it. */
export interface Product {
  child: ChildProcess;
  untilReady: Promise<void>;
  /** All that it has told people so far. */
  text: () => string;
}

/** Starts it by what `npm start` runs; `flags` as for the hub. */
export function startProduct(flags: readonly string[]): Product {
  const run = runBuilt('apps/hub/start.js', flags);
  const isReady = (): void => expect(run.text()).toContain('Nyttospår is ready');
  return {
    child: run.child,
    untilReady: vi.waitFor(isReady, { timeout: 90_000, interval: 50 }),
    text: () => run.text(),
  };
}

/** The process that runs a script as a child of another one. */
export async function childRunning(script: string, parent: ChildProcess): Promise<number | undefined> {
  const children = await readFile(`/proc/${parent.pid}/task/${parent.pid}/children`, 'utf8');
  for (const pid of children.split(' ').filter(Boolean)) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(script)) return Number(pid);
  }
  return undefined;
}

/** The database that a product keeps in its data folder. */
export async function databaseUrl(dataDir: string): Promise<string> {
  const [, , , port] = (await readFile(`${dataDir}/postgres/postmaster.pid`, 'utf8')).split('\n');
  const password = (await readFile(`${dataDir}/postgres.password`, 'utf8')).trim();
  return `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
}
