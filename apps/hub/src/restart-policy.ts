const WINDOW_MS = 60_000;
const CRASHES_IN_WINDOW = 5;
const FIRST_DELAY_MS = 250;

/** What to do after a crash: start again after a pause that doubles, or give up after five crashes in a minute. */
export type Restart = { kind: 'restart'; delayMs: number } | { kind: 'give-up'; crashes: number };

/** `crashedAtMs`: every crash so far in order, the present one last. */
export function planRestart(crashedAtMs: number[]): Restart {
  const nowMs = crashedAtMs.at(-1) ?? 0;
  const crashes = crashedAtMs.filter((atMs) => atMs > nowMs - WINDOW_MS).length;
  if (crashes >= CRASHES_IN_WINDOW) return { kind: 'give-up', crashes };
  return { kind: 'restart', delayMs: FIRST_DELAY_MS * 2 ** (crashes - 1) };
}
