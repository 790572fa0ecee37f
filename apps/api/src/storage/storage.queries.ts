import { READ_HELD, READ_RETENTION, READ_TABLE_SIZES } from '#database';
import type { RetentionKind } from '#domain';
import type { EntityManager } from 'typeorm';
import type { Scope } from '../scope/scope.js';

/** From when on raw usage is kept; null while there is none. */
export async function rawKeptFrom(tx: EntityManager): Promise<Date | null> {
  const [row] = await tx.query<{ since: Date | null }[]>('select usage_kept_from() as since');
  return row?.since ?? null;
}

/** A table's sizes in bytes; rows as last estimated, null = never. */
export interface TableSize {
  name: string;
  rows: number | null;
  heapBytes: number;
  indexBytes: number;
}

/** The tables that usage fills beside raw. */
export async function tableSizes(tx: EntityManager): Promise<TableSize[]> {
  const rows = await tx.query<{ name: string; rows: number | null; heap_bytes: number; index_bytes: number }[]>(
    READ_TABLE_SIZES.text,
  );
  return rows.map(({ heap_bytes, index_bytes, ...rest }) => ({
    ...rest,
    heapBytes: heap_bytes,
    indexBytes: index_bytes,
  }));
}

/** Raw that is held for trials, which the caller has reached by the scope. */
export async function heldRows(
  tx: EntityManager,
  _scope: Scope,
  trialIds: readonly string[],
): Promise<Map<string, { rows: number; from: Date; to: Date }>> {
  const rows = await tx.query<{ trial_id: string; rows: number; from_at: Date; to_at: Date }[]>(READ_HELD.text, [
    trialIds,
  ]);
  return new Map(
    rows.map(({ trial_id, rows: count, from_at, to_at }) => [trial_id, { rows: count, from: from_at, to: to_at }]),
  );
}

/** A logged run. */
export interface RetentionRow {
  id: string;
  at: Date;
  kind: RetentionKind;
  dry_run: boolean;
  subject: string;
  rule: string;
  rows: number;
  held_rows: number;
  ledger_rows: number;
  held: { trialId: string }[];
}

/** The last runs of the whole installation and of the municipalities in the scope, newest first. */
export async function retentionRuns(tx: EntityManager, scope: Scope, limit: number): Promise<RetentionRow[]> {
  return tx.query(READ_RETENTION.text, [scope.nodeIds, limit]);
}
