import type { PlacementDay } from './worker.queries.js';

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 300_000;

interface Setback {
  placementDay: PlacementDay;
  attempts: number;
  notBefore: number;
}

const keyOf = ({ placementKey, day }: PlacementDay): string => `${placementKey}/${day}`;

/** Placement-days whose computing failed: each waits twice as long after every attempt, up to five minutes. */
export class Setbacks {
  private readonly byKey = new Map<string, Setback>();

  get count(): number {
    return this.byKey.size;
  }

  note(placementDay: PlacementDay, now: number): void {
    const attempts = (this.byKey.get(keyOf(placementDay))?.attempts ?? 0) + 1;
    const wait = Math.min(FIRST_WAIT_MS * 2 ** (attempts - 1), LONGEST_WAIT_MS);
    this.byKey.set(keyOf(placementDay), { placementDay, attempts, notBefore: now + wait });
  }

  forget(days: readonly PlacementDay[]): void {
    days.forEach((day) => this.byKey.delete(keyOf(day)));
  }

  /** Those that are not to be tried again yet. */
  waiting(now: number): PlacementDay[] {
    return [...this.byKey.values()].filter(({ notBefore }) => notBefore > now).map(({ placementDay }) => placementDay);
  }
}
