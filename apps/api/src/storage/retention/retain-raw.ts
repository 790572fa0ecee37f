import { setTimeout } from 'node:timers/promises';
import { RAW_DAYS } from '#contracts';
import { CLOSED_BEFORE_DROP_MS } from '#database';
import type { DataSource, EntityManager } from 'typeorm';
import { type HeldTrial, heldTrials } from './held-trials.js';
import {
  closeRaw,
  countRows,
  dropWithin,
  forgetCorrected,
  holdRows,
  ledgerBefore,
  lockRetention,
  type Partition,
  readPartitions,
  readRawClosed,
  recordRun,
  type RetentionRun,
} from './retention.queries.js';

const DAY_MS = 86_400_000;
/** Ingest waits behind a drop that waits for its lock: half a second at most, then it gets its turn. */
const LOCK_WAIT_MS = 500;
const PAUSE_MS = 1_000;
const ATTEMPTS = 30;
const LOCK_NOT_AVAILABLE = '55P03';

/** When, and whether only to say what would go. */
export interface Occasion {
  now: Date;
  dryRun: boolean;
  /** Fires when what waits is to give up, and be done at another time. */
  signal?: AbortSignal;
}

/**
 * Removes raw usage that is older than 90 days (rule K1), week by week, in two steps: it is closed, so that every process
 * refuses its times as too old (rule U5) and leaves roll-ups of it alone (rule U6), and dropped by a run some hours
 * later. What belongs to undecided trials is held first, in the very transaction of the drop. Answers what was done, or
 * would be; each is logged. Safe to run at any time and from several processes.
 */
export async function retainRaw(db: DataSource, occasion: Occasion): Promise<RetentionRun[]> {
  const expired = (await readPartitions(db.manager)).filter(
    ({ to }) => to.getTime() <= occasion.now.getTime() - RAW_DAYS * DAY_MS,
  );
  if (occasion.dryRun) return sayWhatWouldGo(db.manager, expired, occasion.now);
  const closed = await readRawClosed(db.manager);
  const runs: RetentionRun[] = [];
  const isRipe = closed !== null && closed.closedAtMs <= occasion.now.getTime() - CLOSED_BEFORE_DROP_MS;
  for (const partition of expired) {
    if (!isRipe || partition.to.getTime() > closed.keptFromMs) continue;
    const run = await db.transaction((tx) => drop(tx, partition, occasion));
    if (run) runs.push(run);
  }
  const last = expired.at(-1);
  const close = last && (await db.transaction((tx) => closeUpTo(tx, last, occasion.now)));
  return close ? [...runs, close] : runs;
}

async function closeUpTo(tx: EntityManager, { name, to }: Partition, now: Date): Promise<RetentionRun | null> {
  if (!(await closeRaw(tx, to, now))) return null;
  const run = runOf({ kind: 'raw_closed', subject: name, at: now });
  await recordRun(tx, run);
  return run;
}

async function drop(tx: EntityManager, partition: Partition, { now, signal }: Occasion): Promise<RetentionRun | null> {
  await lockRetention(tx);
  if (!(await readPartitions(tx)).some(({ name }) => name === partition.name)) return null;
  const trials = await heldTrials(tx, now);
  const ids = trials.map(({ id }) => id);
  const rows = await countRows(tx, partition, ids);
  await holdRows(tx, partition, ids);
  const ledgerRows = await ledgerBefore(tx, partition.to, true);
  const run = {
    ...runOf({ kind: 'raw_dropped', subject: partition.name, at: now }),
    ...shares(rows, trials),
    ledgerRows,
  };
  await recordRun(tx, run);
  await dropPatiently(tx, partition, signal);
  await forgetCorrected(tx);
  return run;
}

async function dropPatiently(tx: EntityManager, partition: Partition, signal?: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await dropWithin(tx, partition, LOCK_WAIT_MS);
    } catch (error) {
      if (attempt >= ATTEMPTS || (error as { code?: string }).code !== LOCK_NOT_AVAILABLE) throw error;
      await setTimeout(PAUSE_MS, undefined, { signal });
    }
  }
}

async function sayWhatWouldGo(tx: EntityManager, expired: readonly Partition[], now: Date): Promise<RetentionRun[]> {
  const trials = await heldTrials(tx, now);
  const runs: RetentionRun[] = [];
  for (const partition of expired) {
    const rows = await countRows(
      tx,
      partition,
      trials.map(({ id }) => id),
    );
    const ledgerRows = await ledgerBefore(tx, partition.to, false);
    const run = runOf({ kind: 'raw_dropped', subject: partition.name, at: now });
    runs.push({ ...run, dryRun: true, ...shares(rows, trials), ledgerRows });
  }
  for (const run of runs) await recordRun(tx, run);
  return runs;
}

const runOf = (given: Pick<RetentionRun, 'kind' | 'subject' | 'at'>): RetentionRun => ({
  ...given,
  dryRun: false,
  rootId: null,
  rule: `raw_${RAW_DAYS}_days`,
  rows: 0,
  heldRows: 0,
  ledgerRows: 0,
  held: [],
});

/** What goes, what is held, and for which trials. */
function shares(
  rows: ReadonlyMap<string | null, number>,
  trials: readonly HeldTrial[],
): Pick<RetentionRun, 'rows' | 'heldRows' | 'held'> {
  const held = trials.flatMap(({ id, code, rule }) => {
    const count = rows.get(id) ?? 0;
    return count === 0 ? [] : [{ trialId: id, code, rule, rows: count }];
  });
  return { rows: rows.get(null) ?? 0, heldRows: held.reduce((sum, one) => sum + one.rows, 0), held };
}
