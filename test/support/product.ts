import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, vi } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The built product as the README starts it. */
export interface Product {
  child: ChildProcess;
  untilReady: Promise<void>;
  /** All that it has told people so far. */
  text: () => string;
}

/** Starts it by what `npm start` runs; `flags` as for the hub. */
export function startProduct(flags: readonly string[]): Product {
  const child = spawn(process.execPath, ['apps/hub/start.js', ...flags], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  }
  const isReady = (): void => expect(text).toContain('Nyttospår is ready');
  return { child, untilReady: vi.waitFor(isReady, { timeout: 90_000, interval: 50 }), text: () => text };
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
