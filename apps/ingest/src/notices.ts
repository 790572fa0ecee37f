import { CHANGES_CHANNEL, MAX_NOTICE_BYTES, type ChangeNotice } from '#contracts';
import { NOTIFY } from '#database';
import type { Pool } from 'pg';

/** Which placements changed since the last notice; ids only, a few notices a second. */
export class Notices {
  private changed = { usage: new Set<number>(), signal: new Set<number>() };

  constructor(private readonly pool: Pool) {}

  note(kind: 'usage' | 'signal', placementKey: number | null): void {
    if (placementKey !== null) this.changed[kind].add(placementKey);
  }

  /** Sends what was noted. What could not be sent is kept for the next time. */
  async flush(): Promise<void> {
    const given = this.changed;
    this.changed = { usage: new Set(), signal: new Set() };
    for (const kind of ['usage', 'signal'] as const) {
      try {
        if (given[kind].size > 0) await this.send(kind, [...given[kind]]);
      } catch (error) {
        given[kind].forEach((key) => this.note(kind, key));
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
