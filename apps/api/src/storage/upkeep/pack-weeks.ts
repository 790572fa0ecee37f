import type { DataSource, EntityManager } from 'typeorm';
import { listUnpacked, packWeek, releasePackingLock, tryPackingLock } from './upkeep.queries.js';

/** What comes late comes mostly within these: packed before, the pages would be split again. */
const SETTLED_AFTER_MS = 2 * 86_400_000;

/** When, and the sign to leave the rest to the next night. */
interface Night {
  now: Date;
  signal?: AbortSignal;
}

/**
 * Packs the indexes of raw usage's weeks that have ended, once each: devices write at many places of an index at once,
 * which leaves its pages half full. Answers the weeks; none while another process packs.
 */
export async function packEndedWeeks(db: DataSource, night: Night): Promise<string[]> {
  const runner = db.createQueryRunner();
  try {
    if (!(await tryPackingLock(runner.manager))) return [];
    return await pack(runner.manager, night).finally(() => releasePackingLock(runner.manager));
  } finally {
    await runner.release();
  }
}

async function pack(tx: EntityManager, { now, signal }: Night): Promise<string[]> {
  const packed: string[] = [];
  for (const name of await listUnpacked(tx, new Date(now.getTime() - SETTLED_AFTER_MS))) {
    if (signal?.aborted) break;
    await packWeek(tx, name);
    packed.push(name);
  }
  return packed;
}
