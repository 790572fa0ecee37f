import { PURGE_IMPORT_LINES, PURGE_REJECT_COUNTS, PURGE_REJECTS } from '#database';
import type { EntityManager } from 'typeorm';
import { removeBatch } from './purge-rejects.queries.js';

const ROWS_AT_ONCE = 5_000;

/** How many rows of each kind were removed. */
export interface Purged {
  rejects: number;
  counts: number;
  lines: number;
}

/**
 * Rule K3: removes rejects and the lines of imported files after 14 days, and counts of rejects after 24 months, in
 * batches that each commit by themselves when `tx` is no transaction. Idempotent; give it a manager outside of one.
 */
export async function purgeRejects(tx: EntityManager): Promise<Purged> {
  const removeAll = async (statement: string): Promise<number> => {
    let [all, removed] = [0, 1];
    // To the first empty batch: one that is merely short may have lost rows to somebody who removed them meanwhile.
    while (removed > 0) all += removed = await removeBatch(tx, statement, ROWS_AT_ONCE);
    return all;
  };
  return {
    rejects: await removeAll(PURGE_REJECTS.text),
    counts: await removeAll(PURGE_REJECT_COUNTS.text),
    lines: await removeAll(PURGE_IMPORT_LINES.text),
  };
}
