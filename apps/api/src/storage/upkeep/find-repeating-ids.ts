import { addDays, dayBounds, localDay } from '#domain';
import type { DataSource } from 'typeorm';
import { nextDevices, noteRepeatingIds } from './upkeep.queries.js';

const DEVICES_AT_ONCE = 500;

/**
 * Finds devices of a municipality that used one id at more than one time yesterday (rule U2), and notes it in their
 * signal: their ids restart, so a repeat without a time of its own could not be told. Answers how many are new.
 */
export async function findRepeatingIds(
  db: DataSource,
  root: { id: string; zone: string },
  { now, signal }: { now: Date; signal?: AbortSignal },
): Promise<number> {
  const { from, to } = dayBounds(addDays(localDay(now.getTime(), root.zone), -1), root.zone);
  const yesterday = { from: new Date(from), to: new Date(to) };
  let found = 0;
  let after = 0;
  for (;;) {
    const keys = await nextDevices(db.manager, root.id, { after, limit: DEVICES_AT_ONCE });
    const last = keys.at(-1);
    if (last === undefined || signal?.aborted) return found;
    found += (await noteRepeatingIds(db.manager, keys, yesterday)).length;
    after = last;
  }
}
