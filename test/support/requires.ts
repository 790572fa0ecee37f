import { spawnSync } from 'node:child_process';
import { describe } from 'vitest';

/**
 * A block of tests that need a program of the machine. Without it they are skipped and the name says so; with
 * `REQUIRE_ALL=1` they run and fail, so that a machine that must have everything notices.
 */
export function describeWith(program: string, name: string, tests: () => void): void {
  const isThere = spawnSync('sh', ['-c', `command -v "$1"`, 'sh', program]).status === 0;
  if (isThere || process.env['REQUIRE_ALL'] === '1') describe(name, tests);
  else describe.skip(`${name} [SKIPPED: ${program} is not installed]`, tests);
}

/** People's steps in a real browser: each test may take two minutes, for a step that hangs tells so itself after 30 s. */
export function describeInBrowser(name: string, tests: () => void): void {
  describeWith('chromium', name, () => describe('in a browser', { timeout: 120_000 }, tests));
}
