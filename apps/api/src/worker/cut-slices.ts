/** So many raw usages are held in memory at once, and at most about so many are read of one stretch of time. */
const BATCH_EVENTS = 20_000;
const PIECE_EVENTS = 5_000;

/** A stretch of time in milliseconds and about how many usages it holds. */
export interface Part {
  from: number;
  to: number;
  events: number;
}

/** Cuts a stretch into equal times, so that one of even use holds at most {@link PIECE_EVENTS}; never empty. */
export function cutEvenly({ from, to }: { from: number; to: number }, events: number): Part[] {
  const pieces = Math.min(Math.max(1, Math.ceil(events / PIECE_EVENTS)), Math.max(1, to - from));
  const edge = (index: number): number => from + Math.round(((to - from) * index) / pieces);
  return Array.from({ length: pieces }, (_, index) => ({
    from: edge(index),
    to: edge(index + 1),
    events: Math.ceil(events / pieces),
  }));
}

/** Groups parts in their order so that a group holds about {@link BATCH_EVENTS}; a larger one stands alone. */
export function inBatches<P extends { events: number }>(parts: readonly P[]): P[][] {
  const batches: P[][] = [];
  let left = 0;
  for (const part of parts) {
    const cost = Math.max(part.events, 1); // each costs a little even without events
    if (cost > left) {
      batches.push([]);
      left = BATCH_EVENTS;
    }
    left -= cost;
    batches.at(-1)!.push(part);
  }
  return batches;
}
