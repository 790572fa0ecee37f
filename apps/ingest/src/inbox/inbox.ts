import { type InboxRow, MEASURE_INBOX, TAKE_FAILED_INBOX, TAKE_INBOX } from '#database';
import type { Rejection } from '#telemetry';
import type { Pool, PoolClient } from 'pg';
import type { Logger } from 'pino';
import type { Custody, Device } from '../custody.js';
import type { Entry } from '../record/entry.js';
import { inboxEntry, isByHand, unknownDeviceMessage } from './inbox-entry.js';
import { type Handled, settle } from './settle.js';

const ROWS_AT_ONCE = 500;
/** About one batch of the committer: devices on MQTT wait for no more than that. */
const USAGES_AT_ONCE = 2_000;
const FAILED_PER_ROUND = 20;

/** How many messages wait, how many of them have failed before, and the age of the oldest that is no replay. */
export interface InboxLength {
  readonly waiting: number;
  readonly failing: number;
  readonly oldestSeconds: number | null;
}

/** What the inbox needs from around it. */
export interface InboxOptions {
  readonly pool: Pool;
  readonly custody: Custody;
  readonly log: Logger;
  /** The oldest instant of which raw usage is kept. */
  keptFromMs(): number;
  /** Ingest's committer. */
  take(entry: Entry): void;
}

/**
 * What did not come over MQTT takes the same path as what did: a row waits in `usage_inbox`, is taken under a lock,
 * decoded and handed to the committer, and leaves when that has committed:
 *
 *     waiting → locked → committed → (outcome told, row removed)
 *                      → failed    → put off, then tried alone
 *
 * The lock and the removal are one transaction, the commit is another, earlier one. A crash between them has the row
 * taken again, and the repeat changes nothing (rule U1): at least once, and exactly once in effect.
 */
export class Inbox {
  private isStopping = false;

  constructor(private readonly options: InboxOptions) {}

  /** Works off what waits; call it again and again, never twice at once. */
  async round(): Promise<void> {
    while (!this.isStopping && (await this.takeTurn(TAKE_INBOX, [ROWS_AT_ONCE, USAGES_AT_ONCE])) > 0);
    for (let turn = 0; turn < FAILED_PER_ROUND && !this.isStopping; turn += 1) {
      if ((await this.takeTurn(TAKE_FAILED_INBOX, [])) === 0) return;
    }
  }

  /** What waits in the inbox, of every ingest process. */
  async measure(): Promise<InboxLength> {
    const { rows } = await this.options.pool.query<{ waiting: number; failing: number; oldest_seconds: number | null }>(
      MEASURE_INBOX,
    );
    const [row] = rows;
    return { waiting: row?.waiting ?? 0, failing: row?.failing ?? 0, oldestSeconds: row?.oldest_seconds ?? null };
  }

  /** The turn under way is finished, no other begun. */
  stop(): void {
    this.isStopping = true;
  }

  /** How many rows were taken. */
  private async takeTurn(statement: typeof TAKE_INBOX, values: unknown[]): Promise<number> {
    const client = await this.options.pool.connect();
    try {
      await client.query('begin');
      const { rows } = await client.query<InboxRow>({ ...statement, values });
      if (rows.length > 0) await settle(await this.commit(rows), client);
      await client.query('commit');
      client.release();
      return rows.length;
    } catch (error) {
      await leave(client);
      throw error;
    }
  }

  private async commit(rows: readonly InboxRow[]): Promise<Handled[]> {
    // A device registered, or a fault mended, a moment ago may not be in the cache yet.
    await this.options.custody.refresh();
    return Promise.all(rows.map((row) => this.deliver(row)));
  }

  private deliver(row: InboxRow): Promise<Handled> {
    const refusals: Rejection[] = [];
    return new Promise((resolve) => {
      const finish = (error?: Error): void => {
        if (error !== undefined) this.options.log.warn({ err: error, inbox: row.id }, 'a message is tried again later');
        resolve({ row, isCommitted: error === undefined, refusals });
      };
      try {
        this.options.take(this.entryOf(row, { refusals, finish }));
      } catch (error) {
        finish(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  private entryOf(
    row: InboxRow,
    { refusals, finish }: { refusals: Rejection[]; finish: (error?: Error) => void },
  ): Entry {
    const device = this.deviceOf(row);
    const keptFromMs = this.options.keptFromMs();
    const decoded = device ? inboxEntry(row, { device, keptFromMs }) : unknownDeviceMessage(row);
    const origin = { isByHand: isByHand(row), isReplay: row.reject_id !== null, refusals };
    return { ...decoded, origin, done: finish };
  }

  private deviceOf({ device_key: key }: InboxRow): Device | undefined {
    return key === null ? undefined : this.options.custody.deviceByKey(key);
  }
}

/** A connection that may be broken goes away; the server then undoes its transaction. */
async function leave(client: PoolClient): Promise<void> {
  const error = await client.query('rollback').then(
    () => undefined,
    (cause: unknown) => (cause instanceof Error ? cause : new Error(String(cause))),
  );
  client.release(error);
}
