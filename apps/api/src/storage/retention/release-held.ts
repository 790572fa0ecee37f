import { LONGEST_HELD_MONTHS, monthsLater } from '#domain';
import type { DataSource } from 'typeorm';
import { heldTrials } from './held-trials.js';
import { listReleasable, recordRun, type Releasable, releaseWeeks, type RetentionRun } from './retention.queries.js';
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
    const run = { ...runOf(releasable), dryRun, rule, at: now };
    runs.push(
      await db.transaction(async (tx) => {
        const done = dryRun ? run : { ...run, rows: await releaseWeeks(tx, releasable) };
        await recordRun(tx, done);
        return done;
      }),
    );
  }
  return runs;
}

const runOf = ({ placement_key, code, weeks, rows }: Releasable): Omit<RetentionRun, 'dryRun' | 'rule' | 'at'> => ({
  kind: 'held_released',
  rootId: null,
  subject: `${code ?? '–'} ${placement_key}: ${weeks.length}`,
  rows,
  heldRows: 0,
  ledgerRows: 0,
  held: [],
});
