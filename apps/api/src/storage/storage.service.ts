import { type HeldTrialView, type PartitionView, RAW_DAYS, type RetentionRunView, type StorageView } from '#contracts';
import { TrialEntity } from '#database';
import { LONGEST_HELD_MONTHS } from '#domain';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Scope } from '../scope/scope.js';
import { scoped } from '../scope/scoped.js';
import { CLOCK, type Clock } from '../settings.js';
import { heldTrials } from './retention/held-trials.js';
import { type Partition, readPartitions } from './retention/retention.queries.js';
import { heldRows, rawKeptFrom, type RetentionRow, retentionRuns, tableSizes } from './storage.queries.js';

const WEEK_MS = 7 * 86_400_000;
const RUNS_SHOWN = 100;

@Injectable()
export class StorageService {
  constructor(
    private readonly db: DataSource,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Sizes are of the whole installation; trials are those of the scope. */
  async read(scope: Scope<'audit:read'>): Promise<StorageView> {
    const now = this.clock.now();
    const tx = this.db.manager;
    const [keptFrom, partitions, tables, trials, runs] = await Promise.all([
      rawKeptFrom(tx),
      readPartitions(tx),
      tableSizes(tx),
      scoped(tx, TrialEntity, scope).find({}),
      retentionRuns(tx, scope, RUNS_SHOWN),
    ]);
    return {
      asOf: now.toISOString(),
      keptFrom: keptFrom?.toISOString() ?? null,
      rawDays: RAW_DAYS,
      hourMonths: LONGEST_HELD_MONTHS,
      weeksAhead: Math.max(0, Math.floor(((partitions.at(-1)?.to.getTime() ?? 0) - now.getTime()) / WEEK_MS)),
      partitions: partitions.map((partition) => partitionView(partition, keptFrom)),
      tables,
      held: await this.held(scope, { trials, now }),
      runs: runs.map((run) => runView(run, trials)),
    };
  }

  private async held(
    scope: Scope<'audit:read'>,
    { trials, now }: { trials: readonly TrialEntity[]; now: Date },
  ): Promise<HeldTrialView[]> {
    const tx = this.db.manager;
    const ruleOf = new Map((await heldTrials(tx, now)).map(({ id, rule }) => [id, rule]));
    const own = trials.filter(({ id }) => ruleOf.has(id));
    const rows = await heldRows(
      tx,
      scope,
      own.map(({ id }) => id),
    );
    return own.map(({ id, code, title }) => {
      const held = rows.get(id);
      const [from, to] = [held?.from.toISOString() ?? null, held?.to.toISOString() ?? null];
      return { trialId: id, code, title, rule: ruleOf.get(id)!, rows: held?.rows ?? 0, from, to };
    });
  }
}

function partitionView(
  { name, from, to, rows, heapBytes, indexBytes }: Partition,
  keptFrom: Date | null,
): PartitionView {
  return {
    name,
    from: from.toISOString(),
    to: to.toISOString(),
    rows,
    heapBytes,
    indexBytes,
    bytesPerRow: rows ? Math.round(((heapBytes + indexBytes) / rows) * 10) / 10 : null,
    isClosed: keptFrom !== null && to <= keptFrom,
  };
}

function runView(run: RetentionRow, trials: readonly TrialEntity[]): RetentionRunView {
  const { id, at, kind, dry_run, subject, rule, rows, held_rows, ledger_rows, held } = run;
  const codes = new Map(trials.map((trial) => [trial.id, trial.code]));
  return {
    id,
    at: at.toISOString(),
    kind,
    dryRun: dry_run,
    subject,
    rule,
    rows,
    heldRows: held_rows,
    ledgerRows: ledger_rows,
    heldTrials: held.flatMap(({ trialId }) => codes.get(trialId) ?? []),
  };
}
