import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A Node process under test; `text()` is everything it has written so far, `ended` tells how it ended. */
export interface NodeProcess {
  child: ChildProcess;
  text(): string;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Waits until its output matches; fails with that output when it ends first or takes over 30 s. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Runs a TypeScript or JavaScript file (path from the project's root) in a Node process of its own. */
export function runNode(file: string, args: string[] = [], options: SpawnOptions = {}): NodeProcess {
  return run(['--conditions=source', '--import', './test/support/typescript-hooks.js', file, ...args], options);
}

/** Runs a JavaScript file (path from the project's root) as it stands in a Node process of its own, its children likewise. */
export const runBuilt = (file: string, args: readonly string[] = [], options: SpawnOptions = {}): NodeProcess =>
  run([file, ...args], options);

function run(args: string[], options: SpawnOptions): NodeProcess {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (part: string) => (text += part));
  const ended: NodeProcess['ended'] = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  return {
    child,
    text: () => text,
    ended,
    says: (pattern) => waitForText({ child, text: () => text, ended, pattern }),
  };
}

async function waitForText(process: Omit<NodeProcess, 'says'> & { pattern: RegExp }): Promise<RegExpExecArray> {
  const { child, text, ended, pattern } = process;
  const matched = new Promise<RegExpExecArray>((resolve, reject) => {
    const look = (): void => {
      const match = pattern.exec(text());
      if (match) resolve(match);
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    const fail = (why: string): void => reject(new Error(`${why} before it said ${String(pattern)}:\n${text()}`));
    void ended.then(() => (look(), fail('The process ended')));
    setTimeout(() => fail('30 s passed'), 30_000).unref();
    look();
  });
  return matched;
}

/** Whether a process with that id is alive; a dead one that nobody has collected does not count. */
export async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/\) [ZX] /.test(stat);
}
