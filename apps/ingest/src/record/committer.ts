import type { Client } from 'pg';
import { timeUsage, type Rejection, type TimeWindow } from '#telemetry';
import type { Counters } from '../counters.js';
import type { Custody, Device } from '../custody.js';
import type { CommitConnection } from './connection.js';
import type { Entry } from './entry.js';
import { settleLedger, type LedgerUsage } from './ledger.js';
import { LifeMarks } from './life-marks.js';
import { mergeRows } from './merge-rows.js';
import { recordRejects, type Reject } from './record-rejects.js';
import { recordReports } from './record-reports.js';
import { Outlook, recordRows, type RecordContext } from './record-rows.js';
import { resolveConflicts } from './resolve-conflicts.js';
import { makeRow, type Row } from './row.js';

/** Larger batches gain little (69,000 rows/s at 5,000 against 55,600 at 1,000) and stall acknowledgements longer. */
const ROWS_PER_BATCH = 2_000;

/** What the committer needs from around it. */
export interface CommitterOptions {
  readonly connection: CommitConnection;
  readonly custody: Custody;
  readonly counters: Counters;
  readonly shard: number;
  /** The oldest instant of which raw usage is kept. */
  keptFromMs(): number;
  readonly makePartitions: (timesMs: readonly number[]) => Promise<void>;
  /** After each commit: the entries, and the rows that were sent to the database. */
  onCommitted(entries: readonly Entry[], rows: readonly Row[]): void;
  onFailed(cause: unknown): void;
}

interface Batch {
  readonly entries: readonly Entry[];
  readonly rows: Row[];
  readonly ledger: LedgerUsage[];
  readonly rejects: Reject[];
}

/**
 * One commit stream for the whole process: what arrives while a batch is being committed makes up the next one, without
 * a timer. Entries are done in the order of arrival, so acknowledgements never overtake within a client [MQTT-4.6.0-2].
 * When the database fails, every waiting entry fails: their clients are disconnected and send again.
 */
export class Committer {
  private readonly queue: Entry[] = [];
  private readonly life = new LifeMarks();
  private readonly outlook = new Outlook();
  private running: Promise<void> | null = null;

  constructor(private readonly options: CommitterOptions) {}

  /** Messages waiting, the batch under way not counted. */
  get waiting(): number {
    return this.queue.length;
  }

  take(entry: Entry): void {
    this.queue.push(entry);
    // A turn later, so that all packets of one read make up one batch.
    this.running ??= new Promise((resolve) => setImmediate(resolve)).then(() => this.run());
  }

  /** Resolves when everything taken has been done, or after the time limit with false. */
  async drain(limitMs: number): Promise<boolean> {
    const deadline = Date.now() + limitMs;
    while (this.running && Date.now() < deadline) {
      await Promise.race([this.running, new Promise((resolve) => setTimeout(resolve, deadline - Date.now()).unref())]);
    }
    return this.running === null;
  }

  private async run(): Promise<void> {
    while (this.queue.length > 0) {
      const entries = this.nextEntries();
      try {
        await this.commit(entries);
        entries.forEach((entry) => entry.done());
      } catch (cause) {
        await this.fail(entries, cause);
      }
    }
    this.running = null;
  }

  private nextEntries(): Entry[] {
    let rows = 0;
    let count = 0;
    while (count < this.queue.length && (count === 0 || rows < ROWS_PER_BATCH)) {
      rows += Math.max(1, this.queue[count]?.drafts.length ?? 0);
      count += 1;
    }
    return this.queue.splice(0, count);
  }

  private async fail(entries: readonly Entry[], cause: unknown): Promise<void> {
    this.options.onFailed(cause);
    await this.options.connection.reset();
    const error = new Error('the message could not be stored', { cause });
    [...entries, ...this.queue.splice(0)].forEach((entry) => entry.done(error));
  }

  private async commit(entries: readonly Entry[]): Promise<void> {
    const batch = this.divide(entries);
    const client = await this.options.connection.open();
    await this.placeLedger(batch, client);
    const merged = mergeRows(batch.rows);
    const recorded = await recordRows(merged.rows, this.context(client));
    const resolved = await resolveConflicts(recorded.conflicts, client);
    for (const row of [...merged.reused, ...resolved.reused]) batch.rejects.push(rejectReused(row));
    for (const { row, reason } of recorded.poison) batch.rejects.push(rejectPoison(row, reason));
    await recordReports(entries, client, this.life);
    for (const { entry, rejection } of batch.rejects) entry.origin?.refusals.push(rejection);
    await recordRejects(
      batch.rejects.filter(({ entry }) => !entry.origin?.isReplay),
      client,
    );
    this.count(batch, {
      stored: merged.rows.length - recorded.conflicts.length - recorded.poison.length,
      merged,
      resolved,
    });
    this.options.onCommitted(entries, merged.rows);
  }

  private context(client: Client): RecordContext {
    const { custody, shard, makePartitions } = this.options;
    return { client, custody, shard, makePartitions, life: this.life, outlook: this.outlook };
  }

  private divide(entries: readonly Entry[]): Batch {
    const batch: Batch = { entries, rows: [], ledger: [], rejects: [] };
    for (const entry of entries) {
      for (const rejection of entry.rejections) batch.rejects.push({ entry, rejection });
      if (!entry.device) continue;
      for (const draft of entry.drafts) {
        if (draft.inLedger) batch.ledger.push({ entry, device: entry.device, draft });
        else this.place({ entry, device: entry.device, draft }, draft.ownAtMs ?? entry.receivedAtMs, batch);
      }
    }
    return batch;
  }

  /** Judged at the time of receipt first: what cannot be taken must not enter the ledger. */
  private async placeLedger(batch: Batch, client: Client): Promise<void> {
    const times = await settleLedger(batch.ledger, client);
    batch.ledger.forEach((usage, index) => this.place(usage, times[index] ?? usage.entry.receivedAtMs, batch));
  }

  private place({ entry, device, draft }: LedgerUsage & { device: Device }, atMs: number, batch: Batch): void {
    const timed = timeUsage(draft, atMs, this.windowOf(entry));
    if ('code' in timed) batch.rejects.push({ entry, rejection: { ...timed, element: draft.element } });
    else batch.rows.push(makeRow(entry, device, { ...timed, draft }));
  }

  private windowOf({ receivedAtMs }: Entry): TimeWindow {
    return { receivedAtMs, keptFromMs: this.options.keptFromMs() };
  }

  private count(
    batch: Batch,
    done: { stored: number; merged: { repeats: number }; resolved: { repeats: number } },
  ): void {
    const { counters } = this.options;
    counters.messages += batch.entries.length;
    counters.batches += 1;
    counters.usages += done.stored;
    counters.repeats += done.merged.repeats + done.resolved.repeats;
    counters.rejects += batch.rejects.length;
  }
}

function rejectReused({ entry, draft }: Row): Reject {
  const reason = `${draft.metric.name}: the device has sent this id and time with other content`;
  const rejection: Rejection = { code: 'id_reused', reason, element: draft.element };
  return { entry, rejection };
}

function rejectPoison({ entry, draft }: Row, reason: string): Reject {
  return { entry, rejection: { code: 'value_out_of_range', reason, element: draft.element } };
}
