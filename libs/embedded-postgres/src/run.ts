import { spawn } from 'node:child_process';
import type { Account } from './account.js';

/** How a finished program ended; `code` is null after a signal, or when it could not be started (see `errors`). */
export interface Finished {
  code: number | null;
  output: string;
  errors: string;
}

/** Nothing of our own environment: a stray PGOPTIONS, LANG or LD_PRELOAD must not change how the cluster is made. */
export const PLAIN_ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** Runs a program to its end in its own session, so that a terminal's Ctrl-C does not hit it. Never rejects. */
export async function run(
  program: string,
  args: string[],
  { account, input = '' }: { account: Account | undefined; input?: string },
): Promise<Finished> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { ...account, cwd: '/', env: PLAIN_ENVIRONMENT, detached: true });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.on('error', (cause) => resolve({ code: null, output, errors: cause.message }));
    child.on('close', (code) => resolve({ code, output, errors }));
    // A program that ends without reading its input closes the pipe; its exit code tells the rest.
    child.stdin.on('error', () => undefined).end(input);
  });
}
