import type { JobContext } from '../jobs/job.js';
import { backfillDays } from '../worker/roll-up.js';
import { releaseHeld } from './retention/release-held.js';
import { readRoots } from './retention/retention.queries.js';
import { retainRaw } from './retention/retain-raw.js';
import { thinHours } from './retention/thin-hours.js';
import { packEndedWeeks } from './upkeep/pack-weeks.js';
import { closeOverdueSessions } from './upkeep/close-sessions.js';
import { findRepeatingIds } from './upkeep/find-repeating-ids.js';
import { reclaimHours } from './upkeep/upkeep.queries.js';

/** A round of the backfill takes at most about so long; the next one goes on. */
const BACKFILL_MS = 20_000;

export async function backfill(_payload: object, { db, signal }: JobContext): Promise<void> {
  const until = Date.now() + BACKFILL_MS;
  while (!signal.aborted && Date.now() < until && (await db.transaction((tx) => backfillDays(tx))));
}

export async function closeSessions(_payload: object, { db, now, signal }: JobContext): Promise<void> {
  await closeOverdueSessions(db, now(), signal);
}

/**
 * What is done once a night (rules K1, U2, U6). Raw and what is held belong to the whole installation: of several
 * municipalities the first whose night comes does it, and the others find nothing left. Given up before its end it
 * throws, so that it is done again: yesterday is looked at tonight or never.
 */
export async function keepNight({ rootId }: { rootId: string }, { db, now, signal }: JobContext): Promise<void> {
  const occasion = { now: now(), dryRun: false, signal };
  await retainRaw(db, occasion);
  await releaseHeld(db, occasion);
  await thinHours(db, { ...occasion, rootId });
  await packEndedWeeks(db, { now: now(), signal });
  await reclaimHours(db.manager);
  for (const root of await readRoots(db.manager, rootId)) await findRepeatingIds(db, root, { now: now(), signal });
  signal.throwIfAborted();
}
