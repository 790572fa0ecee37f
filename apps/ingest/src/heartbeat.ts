import { BEAT } from '#database';
import type { Pool } from 'pg';
import type { Counters } from './counters.js';
import { weeksAhead, WEEKS_AHEAD_WARNING, type PartitionRange } from './partitions.js';

/** What ingest says of itself every few seconds; the API's readiness reads it. */
export interface IngestStatus extends Counters {
  readonly state: 'ok' | 'degraded' | 'stopped';
  readonly waiting: number;
  readonly partitionWeeksAhead: number;
}

/** The service's name in `service_heartbeat`. */
export const SERVICE = 'ingest';

/** Writes the heartbeat; few partitions ahead are *degraded* (rule U6). */
export async function beat(
  pool: Pool,
  given: { counters: Counters; waiting: number; range: PartitionRange; isStopped?: boolean },
): Promise<void> {
  const partitionWeeksAhead = weeksAhead(given.range, Date.now());
  const state = given.isStopped ? 'stopped' : partitionWeeksAhead < WEEKS_AHEAD_WARNING ? 'degraded' : 'ok';
  const status: IngestStatus = { state, ...given.counters, waiting: given.waiting, partitionWeeksAhead };
  await pool.query({ ...BEAT, values: [SERVICE, JSON.stringify(status)] });
}
