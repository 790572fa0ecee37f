import { CHANGES_CHANNEL, MAX_NOTICE_BYTES, type ChangeNotice } from '#contracts';
import { NOTIFY } from '#database';
import type { Pool } from 'pg';
import type { Logger } from 'pino';

/** Notices follow one another at this distance at least; the first after a pause leaves at once. */
const SHORTEST_GAP_MS = 100;
const RETRY_MS = 1_000;

/** Tells which placements changed since the last notice; ids only, and at most ten times a second. */
export class Notices {
  private changed = { usage: new Set<number>(), signal: new Set<number>() };
  private timer: NodeJS.Timeout | undefined;
  private sentAtMs = 0;
  private isStopped = false;

  constructor(
    private readonly pool: Pool,
    private readonly log: Logger,
  ) {}

  /** Call it after the commit: the notice may leave before the next turn of the loop. */
  note(kind: 'usage' | 'signal', placementKey: number | null): void {
    if (placementKey === null) return;
    this.changed[kind].add(placementKey);
    this.timer ??= this.sendIn(this.sentAtMs + SHORTEST_GAP_MS - Date.now());
  }

  /** Sends no more of its own accord. */
  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  private sendIn(waitMs: number): NodeJS.Timeout | undefined {
    if (this.isStopped) return undefined;
    return setTimeout(() => void this.sendNoted(), Math.max(0, waitMs)).unref();
  }

  /** The timer stays set until the notice has left, so that a slow database is never asked twice at once. */
  private async sendNoted(): Promise<void> {
    this.sentAtMs = Date.now();
    let waitMs = SHORTEST_GAP_MS;
    try {
      await this.flush();
    } catch (error) {
      waitMs = RETRY_MS;
      this.log.warn({ error: error instanceof Error ? error.message : error }, 'a notice could not be sent');
    }
    const isMore = this.changed.usage.size + this.changed.signal.size > 0;
    this.timer = isMore ? this.sendIn(this.sentAtMs + waitMs - Date.now()) : undefined;
  }

  /** Sends what was noted. What could not be sent is kept for the next time. */
  async flush(): Promise<void> {
    const given = this.changed;
    this.changed = { usage: new Set(), signal: new Set() };
    for (const kind of ['usage', 'signal'] as const) {
      try {
        if (given[kind].size > 0) await this.send(kind, [...given[kind]]);
      } catch (error) {
        for (const left of ['usage', 'signal'] as const) given[left].forEach((key) => this.changed[left].add(key));
        throw error;
      }
    }
  }

  private async send(kind: 'usage' | 'signal', placements: number[]): Promise<void> {
    await this.pool.query({ ...NOTIFY, values: [CHANGES_CHANNEL, noticeOf(kind, placements)] });
  }
}

/** The JSON of a notice; too many placements to name become null. */
export function noticeOf(kind: ChangeNotice['kind'], placements: number[]): string {
  const notice = JSON.stringify({ kind, placements } satisfies ChangeNotice);
  return notice.length <= MAX_NOTICE_BYTES ? notice : JSON.stringify({ kind, placements: null } satisfies ChangeNotice);
}
