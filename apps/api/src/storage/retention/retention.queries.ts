import {
  CLOSE_RAW,
  COUNT_LEDGER,
  COUNT_MONTH,
  countPartition,
  DAY_STARTS_BY_FAMILY,
  dropPartition,
  FORGET_CORRECTED,
  FORGET_MONTH,
  holdPartition,
  IS_MONTH_PENDING,
  LIST_OLD_MONTHS,
  LIST_RELEASABLE,
  LOCK_RETENTION,
  LOCK_ROLL_UPS,
  PURGE_LEDGER,
  READ_PARTITIONS,
  READ_RAW_CLOSED,
  READ_ROOTS,
  READ_TRIAL_LIVES,
  READ_UNIT_MONTHS,
  RECORD_RETENTION,
  RELEASE_WEEKS,
  STORE_UNIT_MONTHS,
} from '#database';
import type { Day, HoldingRule, RetentionKind, StageChange, TrialStage } from '#domain';
import type { EntityManager } from 'typeorm';

/** A week of raw usage [from, to), its sizes in bytes; rows as last estimated, null = never. */
export interface Partition {
  name: string;
  from: Date;
  to: Date;
  rows: number | null;
  heapBytes: number;
  indexBytes: number;
}

/** All partitions of raw usage, oldest first. */
export async function readPartitions(tx: EntityManager): Promise<Partition[]> {
  const rows = await tx.query<
    { name: string; from_at: Date; to_at: Date; rows: number | null; heap_bytes: number; index_bytes: number }[]
  >(READ_PARTITIONS.text);
  return rows.map(({ from_at, to_at, heap_bytes, index_bytes, ...rest }) => ({
    ...rest,
    from: from_at,
    to: to_at,
    heapBytes: heap_bytes,
    indexBytes: index_bytes,
  }));
}

/** From when raw counts as kept by what was closed, and since when; null before anything was. */
export async function readRawClosed(tx: EntityManager): Promise<{ keptFromMs: number; closedAtMs: number } | null> {
  const [row] = await tx.query<{ kept_from_ms: number | null; closed_at_ms: number | null }[]>(READ_RAW_CLOSED.text);
  if (!row || row.kept_from_ms === null || row.closed_at_ms === null) return null;
  return { keptFromMs: row.kept_from_ms, closedAtMs: row.closed_at_ms };
}

/** Raw before `from` counts as gone from now on; false when it did already. */
export async function closeRaw(tx: EntityManager, from: Date, now: Date): Promise<boolean> {
  const [rows] = await tx.query<[unknown[], number]>(CLOSE_RAW.text, [from, now]);
  return rows.length > 0;
}

/** A trial with its life. */
export interface TrialLife {
  id: string;
  code: string;
  changes: StageChange[];
}

/** The lives of the trials that have placements. */
export async function readTrialLives(tx: EntityManager): Promise<TrialLife[]> {
  const rows = await tx.query<{ id: string; code: string; changes: { stage: TrialStage; at: string }[] }[]>(
    READ_TRIAL_LIVES.text,
  );
  return rows.map(({ changes, ...trial }) => ({
    ...trial,
    changes: changes.map(({ stage, at }) => ({ stage, at: new Date(at) })),
  }));
}

/** Only one process at a time removes what is over; held until the transaction ends. */
export async function lockRetention(tx: EntityManager): Promise<void> {
  await tx.query(LOCK_RETENTION.text);
}

/** The rows of a partition by trial, of those that are given; null = of none of them. */
export async function countRows(
  tx: EntityManager,
  { name, from, to }: Partition,
  trialIds: readonly string[],
): Promise<Map<string | null, number>> {
  const values = [trialIds, from, to];
  const rows = await tx.query<{ trial_id: string | null; rows: number }[]>(countPartition(name), values);
  return new Map(rows.map((row) => [row.trial_id, row.rows]));
}

export async function holdRows(
  tx: EntityManager,
  { name, from, to }: Partition,
  trialIds: readonly string[],
): Promise<void> {
  await tx.query(holdPartition(name), [trialIds, from, to]);
}

/** Forgets what was decided of single usages (rule U7) whose raw has gone: after a drop, and after a release. */
export async function forgetCorrected(tx: EntityManager): Promise<void> {
  await tx.query(FORGET_CORRECTED.text);
}

/** How many entries of the ledger were given times before; `purge` removes them. */
export async function ledgerBefore(tx: EntityManager, before: Date, purge: boolean): Promise<number> {
  const statement = purge ? PURGE_LEDGER : COUNT_LEDGER;
  const [row] = await tx.query<{ rows: number }[]>(statement.text, [before]);
  return row?.rows ?? 0;
}

/** Drops a partition, or fails with 55P03 after the time limit and leaves the transaction as it was. */
export async function dropWithin(tx: EntityManager, { name }: Partition, limitMs: number): Promise<void> {
  await tx.query('savepoint before_drop');
  try {
    await tx.query(`set local lock_timeout = ${limitMs}`);
    await tx.query(dropPartition(name));
  } catch (error) {
    await tx.query('rollback to savepoint before_drop');
    throw error;
  }
}

/** What a run removed, or would have. */
export interface RetentionRun {
  kind: RetentionKind;
  dryRun: boolean;
  /** Null: of the whole installation. */
  rootId: string | null;
  /** The partition, the placement's weeks, or the month. */
  subject: string;
  rule: string;
  rows: number;
  heldRows: number;
  ledgerRows: number;
  held: { trialId: string; code: string; rule: HoldingRule; rows: number }[];
  at: Date;
}

export async function recordRun(tx: EntityManager, run: RetentionRun): Promise<void> {
  const { kind, dryRun, rootId, subject, rule, rows, heldRows, ledgerRows, held, at } = run;
  const values = [kind, dryRun, rootId, subject, rule, rows, heldRows, ledgerRows, JSON.stringify(held), at];
  await tx.query(RECORD_RETENTION.text, values);
}

/** Held weeks of a placement whose time is over. */
export interface Releasable {
  placement_key: number;
  root_id: string | null;
  trial_id: string | null;
  code: string | null;
  weeks: Date[];
  rows: number;
}

/** What is held of trials other than these, or longer than that. */
export async function listReleasable(
  tx: EntityManager,
  heldTrialIds: readonly string[],
  before: Date,
): Promise<Releasable[]> {
  return tx.query(LIST_RELEASABLE.text, [heldTrialIds, before]);
}

/** How many rows it removed; null when another process has removed these weeks meanwhile. */
export async function releaseWeeks(tx: EntityManager, { placement_key, weeks }: Releasable): Promise<number | null> {
  const [row] = await tx.query<{ weeks: number; rows: number }[]>(RELEASE_WEEKS.text, [placement_key, weeks]);
  return row && row.weeks > 0 ? row.rows : null;
}

/** A municipality with its zone. */
export interface Root {
  id: string;
  zone: string;
}

/** One municipality, or all of them. */
export async function readRoots(tx: EntityManager, rootId: string | null): Promise<Root[]> {
  return tx.query(READ_ROOTS.text, [rootId]);
}

/** The months of a municipality before `before` that still know placements, oldest first. */
export async function listOldMonths(tx: EntityManager, rootId: string, before: Day): Promise<Day[]> {
  const rows = await tx.query<{ month: Day }[]>(LIST_OLD_MONTHS.text, [rootId, before, DAY_STARTS_BY_FAMILY]);
  return rows.map(({ month }) => month);
}

/** Whether days of a month still wait to be made. */
export async function isMonthPending(tx: EntityManager, rootId: string, month: Day): Promise<boolean> {
  const [row] = await tx.query<{ pending: boolean }[]>(IS_MONTH_PENDING.text, [rootId, month]);
  return row?.pending ?? false;
}

/** Nobody else writes days and months until the transaction ends. */
export async function lockRollUps(tx: EntityManager): Promise<void> {
  await tx.query(LOCK_ROLL_UPS.text);
}

/** What a unit used of a metric in a month. */
export interface UnitMonth {
  node_id: string;
  metric: number;
  count: number;
  sum: string;
  /** Of all units. */
  whole_sum: string;
}

export async function readUnitMonths(tx: EntityManager, rootId: string, month: Day): Promise<UnitMonth[]> {
  return tx.query(READ_UNIT_MONTHS.text, [rootId, month]);
}

/** A unit's or the whole municipality's month as it may be told; nulls = too small. */
export interface ToldMonth {
  nodeId: string;
  isTotal: boolean;
  metric: number;
  count: number | null;
  sum: string | null;
}

export async function storeUnitMonths(tx: EntityManager, month: Day, told: readonly ToldMonth[]): Promise<void> {
  await tx.query(STORE_UNIT_MONTHS.text, [
    month,
    told.map(({ nodeId }) => nodeId),
    told.map(({ isTotal }) => isTotal),
    told.map(({ metric }) => metric),
    told.map(({ count }) => count),
    told.map(({ sum }) => sum),
  ]);
}

/** How many rows of a month know placements; `forget` removes them. */
export async function rowsOfMonth(
  tx: EntityManager,
  root: Pick<Root, 'id'>,
  { month, forget }: { month: Day; forget: boolean },
): Promise<number> {
  const statement = forget ? FORGET_MONTH : COUNT_MONTH;
  const [row] = await tx.query<{ rows: number }[]>(statement.text, [root.id, month, DAY_STARTS_BY_FAMILY]);
  return row?.rows ?? 0;
}
