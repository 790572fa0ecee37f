import { hourStart } from '#domain';
import { instantArray, int4Array } from './binary-array.js';

interface Sign {
  readonly deviceKey: number;
  readonly atMs: number;
}

/** A device-hour as one number: hours since 1970 stay below 2^20 for a century. */
const HOURS = 2 ** 20;
const HOUR_MS = 3_600_000;
/** Then all are forgotten, which costs one needless write each. */
const REMEMBERED_MAX = 200_000;

/** Which device-hours have their sign of life stored (rule U12), so that a batch writes only those that are new. */
export class LifeMarks {
  private readonly written = new Set<number>();

  /** The hours not known to be written, as parameters; `confirm` after the commit. */
  unwritten(signs: readonly Sign[]): { count: number; parameters: Buffer[]; confirm: () => void } {
    const fresh = new Set<number>();
    for (const { deviceKey, atMs } of signs) {
      const mark = deviceKey * HOURS + hourStart(atMs) / HOUR_MS;
      if (!this.written.has(mark)) fresh.add(mark);
    }
    const marks = [...fresh].sort((one, other) => one - other);
    return {
      count: marks.length,
      parameters: [
        int4Array(marks.map((mark) => Math.floor(mark / HOURS))),
        instantArray(marks.map((mark) => (mark % HOURS) * HOUR_MS)),
      ],
      confirm: () => this.remember(marks),
    };
  }

  private remember(marks: readonly number[]): void {
    if (this.written.size > REMEMBERED_MAX) this.written.clear();
    marks.forEach((mark) => this.written.add(mark));
  }
}
