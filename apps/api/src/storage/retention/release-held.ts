import { LONGEST_HELD_MONTHS, monthsLater } from '#domain';
import type { DataSource, EntityManager } from 'typeorm';
import { heldTrials } from './held-trials.js';
import {
  forgetCorrected,
  listReleasable,
  recordRun,
  type Releasable,
  releaseWeeks,
  type RetentionRun,
} from './retention.queries.js';
import type { Occasion } from './retain-raw.js';

/**
 * Removes held raw of trials that were decided more than three months ago, and whatever is older than 24 months (rule
 * K1), placement by placement. Their qualifying units stay (rule K2). Answers what was done, or would be.
 */
export async function releaseHeld(db: DataSource, { now, dryRun }: Occasion): Promise<RetentionRun[]> {
  const trials = new Map((await heldTrials(db.manager, now)).map((trial) => [trial.id, trial]));
  const oldest = monthsLater(now, -LONGEST_HELD_MONTHS);
  const runs: RetentionRun[] = [];
  for (const releasable of await listReleasable(db.manager, [...trials.keys()], oldest)) {
    const isTooOld = releasable.trial_id !== null && trials.has(releasable.trial_id);
    const rule = isTooOld ? `held_${LONGEST_HELD_MONTHS}_months` : 'trial_decided';
    const planned = { ...runOf(releasable), dryRun, rule, at: now };
    const run = await db.transaction((tx) => release(tx, releasable, planned));
    if (run) runs.push(run);
  }
  return runs;
}

async function release(tx: EntityManager, releasable: Releasable, planned: RetentionRun): Promise<RetentionRun | null> {
  const rows = planned.dryRun ? planned.rows : await releaseWeeks(tx, releasable);
  if (rows === null) return null;
  if (!planned.dryRun) await forgetCorrected(tx);
  const run = { ...planned, rows };
  await recordRun(tx, run);
  return run;
}

/** Its subject names a trial: for its own municipality alone. */
const runOf = ({
  placement_key,
  root_id,
  code,
  weeks,
  rows,
}: Releasable): Omit<RetentionRun, 'dryRun' | 'rule' | 'at'> => ({
  kind: 'held_released',
  rootId: root_id,
  subject: `${code ?? '–'} ${placement_key}: ${weeks.length}`,
  rows,
  heldRows: 0,
  ledgerRows: 0,
  held: [],
});
