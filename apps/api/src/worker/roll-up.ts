import { METRIC_LISTS, type MetricLists, rollUpDays } from '#database';
import type { EntityManager } from 'typeorm';
import { countCounters } from './count-counters.js';
import { daysWithHours, lockBackfill, nextToBackfill, storeBackfill } from './roll-ups.queries.js';
import type { PlacementDay } from './worker.queries.js';

/**
 * Makes the days and months of placement-days again from what is stored: in the transaction that ends their marks, so
 * that a mark and its day are never both missing. The number of queries does not depend on the number of days, but for
 * counters, which are read one after the other.
 */
export async function rollUp(
  tx: EntityManager,
  days: readonly PlacementDay[],
  metrics: MetricLists = METRIC_LISTS,
): Promise<void> {
  const changed = await countCounters(tx, days, metrics.counters);
  await rollUpDays(tx, [...days, ...changed], metrics);
}

const PLACEMENTS_AT_ONCE = 20;
const DAYS_AT_ONCE = 200;

/**
 * Makes the days of usage that was stored before there were days, some placements a round; false when nothing is left.
 * Each round is a transaction, and each remembers how far it came.
 */
export async function backfillDays(tx: EntityManager): Promise<boolean> {
  const after = await lockBackfill(tx);
  if (after === null) return false;
  const keys = await nextToBackfill(tx, after, PLACEMENTS_AT_ONCE);
  for (const key of keys) {
    const days = await daysWithHours(tx, key, METRIC_LISTS);
    for (let index = 0; index < days.length; index += DAYS_AT_ONCE) {
      await rollUp(tx, days.slice(index, index + DAYS_AT_ONCE));
    }
  }
  await storeBackfill(tx, keys.at(-1) ?? null);
  return keys.length > 0;
}
