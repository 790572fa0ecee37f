import type { DataSource, EntityManager } from 'typeorm';
import { followChanges } from './follow-changes.js';
import { areSessionsOverdue, closeOverdue, shutOutBatches } from './upkeep.queries.js';

/** So many at a time, so that ingest's batches wait some milliseconds at most. */
const SESSIONS_AT_ONCE = 200;
const LONGEST_ROUNDS = 100;

/**
 * Closes open sessions that are past their family's maximum length, at it, as estimated (rule U3); answers how many. A
 * real end that comes later still replaces the estimate. What is left after {@link LONGEST_ROUNDS} is for the next time.
 * Mostly there is nothing to close: batches are shut out only when there is, and then it is looked again.
 */
export async function closeOverdueSessions(db: DataSource, now: Date, signal?: AbortSignal): Promise<number> {
  let closed = 0;
  for (let round = 0; round < LONGEST_ROUNDS && !signal?.aborted; round += 1) {
    if (!(await areSessionsOverdue(db.manager, now))) break;
    const count = await db.transaction((tx) => closeSome(tx, now));
    closed += count;
    if (count < SESSIONS_AT_ONCE) break;
  }
  return closed;
}

async function closeSome(tx: EntityManager, now: Date): Promise<number> {
  await shutOutBatches(tx);
  const sessions = await closeOverdue(tx, now, SESSIONS_AT_ONCE);
  if (sessions.length > 0) await followChanges(tx, sessions);
  return sessions.length;
}
