import { setTimeout as sleep } from 'node:timers/promises';

/** Node's timers hold at most 2^31 − 1 ms. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** Waits until a moment, or until the signal aborts; never rejects. */
export async function waitUntil(ms: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && Date.now() < ms) {
    const delay = Math.min(ms - Date.now(), LONGEST_TIMER_MS);
    await sleep(delay, undefined, { signal }).catch(() => undefined);
  }
}

/** The pause before the next attempt: doubling from 1 s to 60 s, of which a random half is left out. */
export function backOffMs(attempt: number): number {
  return jittered(Math.min(60_000, 1000 * 2 ** attempt));
}

/** Between half of a time and all of it, so that a whole fleet does not come back at the same moment. */
export function jittered(ms: number): number {
  return ms * (0.5 + Math.random() / 2);
}

/** Does something with every item, at most `limit` at a time; the first failure rejects and starts no more. */
export async function eachBounded<T>(
  items: readonly T[],
  limit: number,
  act: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  const worker = async () => {
    for (const item of rest) await act(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}
