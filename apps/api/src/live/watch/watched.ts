import { randomInt } from 'node:crypto';
import type { ChangeNotice, LivePage } from '#contracts';
import type { PageReading } from '../read-page.js';

/** What the last reading may have missed: use and signals of what notices named, of any placement, or benefit too. */
const STALENESS = ['no', 'named', 'use', 'all'] as const;
export type Staleness = (typeof STALENESS)[number];

/** A page that somebody watches; one reading serves all of its viewers. */
export interface Watched {
  page: LivePage;
  viewers: number;
  revision: number;
  /** The last reading, of which the viewers have been told. */
  told: Promise<PageReading | null>;
  readAt: number;
  /** When it was last read as a whole. */
  wholeAt: number;
  isReading: boolean;
  stale: Staleness;
  /** The placements named since the last reading. */
  changed: Record<'usage' | 'signal', Set<number>> & { isTooMany: boolean };
  /** Tell the viewers even if nothing changed. */
  isDue: boolean;
  /** The next reading. */
  timer: NodeJS.Timeout | undefined;
  /** The next reading of the whole, after readings of what was named only. */
  wholeTimer: NodeJS.Timeout | undefined;
}

/** A revision that continues no other one: not of a process before, nor of a watch that has ended. */
export const firstRevision = (): number => Date.now() * 1_000 + randomInt(1_000);

export const nothingChanged = (): Watched['changed'] => ({
  usage: new Set(),
  signal: new Set(),
  isTooMany: false,
});

/** A page without viewers yet, of which the first reading is under way. */
export function newlyWatched(page: LivePage, told: Watched['told']): Watched {
  return {
    page,
    viewers: 0,
    revision: firstRevision(),
    told,
    readAt: Date.now(),
    wholeAt: Date.now(),
    isReading: true,
    stale: 'no',
    changed: nothingChanged(),
    isDue: false,
    timer: undefined,
    wholeTimer: undefined,
  };
}

/** The page is at least so stale from now on. */
export function makeStale(watched: Watched, stale: Staleness): void {
  if (STALENESS.indexOf(stale) > STALENESS.indexOf(watched.stale)) watched.stale = stale;
}

/** Notes what a notice names of the page; null = too many to name. */
export function noteChanged(watched: Watched, kind: ChangeNotice['kind'], placementKey: number | null): void {
  makeStale(watched, kind === 'benefit' ? 'all' : 'named');
  if (kind === 'benefit') return;
  if (placementKey === null) watched.changed.isTooMany = true;
  else watched.changed[kind].add(placementKey);
}
