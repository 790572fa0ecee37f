import { BEAT } from '#database';
import type { Pool } from 'pg';
import type { Counters } from './counters.js';
import type { InboxLength } from './inbox/inbox.js';
import { weeksAhead, WEEKS_AHEAD_WARNING, type PartitionRange } from './partitions.js';

/** What ingest says of itself every few seconds; the API's readiness reads it. */
export interface IngestStatus extends Counters {
  readonly state: 'ok' | 'degraded' | 'stopped';
  /** Nobody can be called silent for the time before. */
  readonly startedAt: string;
  readonly waiting: number;
  readonly partitionWeeksAhead: number;
  /** The name of its durable session at an external broker, which outlives it; null with the embedded one. */
  readonly session: string | null;
  /** What came by HTTP, by hand, in files and replays and is not counted yet. */
  readonly inbox: InboxLength;
}

/** The name of the worker of a slot in `service_heartbeat`: `ingest`, `ingest-1`, … */
export const serviceOf = (slot: number): string => (slot === 0 ? 'ingest' : `ingest-${slot}`);

/** The slot of such a name; null for another service. */
export function slotOfService(service: string): number | null {
  const match = /^ingest(?:-([1-9]\d*))?$/.exec(service);
  return match && Number(match[1] ?? 0);
}

/** What a worker knows of itself. */
export interface Beating {
  readonly slot: number;
  readonly session: string | null;
  readonly counters: Counters;
  readonly waiting: number;
  readonly range: PartitionRange;
  readonly inbox: InboxLength;
  readonly isStopped?: boolean;
}

const STARTED_AT = new Date().toISOString();

/** Writes the heartbeat; few partitions ahead are *degraded* (rule U6). */
export async function beat(pool: Pool, given: Beating): Promise<void> {
  const { counters, waiting, session, inbox } = given;
  const partitionWeeksAhead = weeksAhead(given.range, Date.now());
  const state = given.isStopped ? 'stopped' : partitionWeeksAhead < WEEKS_AHEAD_WARNING ? 'degraded' : 'ok';
  const facts = { ...counters, waiting, partitionWeeksAhead, session, inbox };
  const status: IngestStatus = { state, startedAt: STARTED_AT, ...facts };
  await pool.query({ ...BEAT, values: [serviceOf(given.slot), JSON.stringify(status)] });
}
