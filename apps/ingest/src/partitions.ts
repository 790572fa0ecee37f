import { RAW_DAYS } from '#contracts';
import {
  createPartition,
  LIST_PARTITIONS,
  LOCK_PARTITIONS,
  partitionName,
  READ_PARTITION_RANGE,
  READ_RAW_CLOSED,
} from '#database';
import type { Pool, PoolClient } from 'pg';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** 1970-01-05 was a Monday. */
const MONDAY_MS = 4 * DAY_MS;
/** Rule U6: at least so many whole weeks ahead; under the warning, health is degraded. */
export const WEEKS_AHEAD = 8;
export const WEEKS_AHEAD_WARNING = 2;

/** What of raw usage can be stored, in milliseconds. */
export interface PartitionRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The weekly partitions that are needed now: from the oldest raw kept to eight weeks ahead. */
export async function makeNeededPartitions(pool: Pool, nowMs: number): Promise<PartitionRange> {
  const weeks: number[] = [];
  for (
    let week = mondayOf(nowMs - RAW_DAYS * DAY_MS);
    week <= mondayOf(nowMs) + WEEKS_AHEAD * WEEK_MS;
    week += WEEK_MS
  ) {
    weeks.push(week);
  }
  await makePartitions(pool, weeks);
  const { rows } = await pool.query<{ from_ms: number; to_ms: number }>(READ_PARTITION_RANGE);
  return { fromMs: rows[0]?.from_ms ?? nowMs, toMs: rows[0]?.to_ms ?? nowMs };
}

/** Makes the missing partitions of the weeks that hold these instants; safe to call from several processes at once. */
export async function makePartitions(pool: Pool, timesMs: readonly number[]): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query("set local lock_timeout = '2s'");
    await client.query(LOCK_PARTITIONS);
    await makeMissing(client, new Set(timesMs.map(mondayOf)));
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

/** A week that retention has closed is never made again: its roll-ups stand, and a stray row would undo them (rule U6). */
async function makeMissing(client: PoolClient, weeks: ReadonlySet<number>): Promise<void> {
  const { rows } = await client.query<{ name: string }>(LIST_PARTITIONS);
  const closed =
    (await client.query<{ kept_from_ms: number | null }>(READ_RAW_CLOSED)).rows[0]?.kept_from_ms ?? -Infinity;
  const existing = new Set(rows.map(({ name }) => name));
  const missing = [...weeks].filter((week) => week >= closed && !existing.has(partitionName(week)));
  missing.sort((one, other) => one - other);
  for (const week of missing) {
    for (const statement of createPartition(week)) await client.query(statement);
  }
}

/** The Monday, 00:00 UTC, of an instant's week. */
export function mondayOf(ms: number): number {
  return Math.floor((ms - MONDAY_MS) / WEEK_MS) * WEEK_MS + MONDAY_MS;
}

/** Whole weeks from now on that have partitions. */
export function weeksAhead({ toMs }: PartitionRange, nowMs: number): number {
  return Math.floor((toMs - nowMs) / WEEK_MS);
}
