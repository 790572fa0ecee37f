import type { ChangeNotice, LiveDelta, LivePage } from '#contracts';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { placementHomes } from '../live.queries.js';
import { type PageReading, readTrialPage, readUnitPage } from '../read-page.js';
import { readRecent } from '../read-recent.js';
import { deltaBetween, unchanged } from './page-delta.js';
import { Turns } from './turns.js';
import {
  firstRevision,
  makeStale,
  newlyWatched,
  noteChanged,
  nothingChanged,
  type Staleness,
  type Watched,
} from './watched.js';

/** A page is read at most ten times a second, however much happens on it. */
const SHORTEST_GAP_MS = 100;
/** So long at most, what notices name is all that is read: a moved device or an hour that filled up late is seen then. */
const WHOLE_EVERY_MS = 2_000;
/** Pages read at once: live pages must not take all database connections from requests. */
const READ_AT_ONCE = 2;

/** The room of a page's viewers. */
export const roomOf = ({ kind, id }: LivePage): string => `${kind}:${id}`;

/**
 * The pages watched through this process. A notice makes the pages of its placements stale; a stale page is read again, at
 * once but at most every 100 ms, and what changed goes to all of its viewers under the next revision. While notices follow
 * one another only what they name is read; within two seconds of that the whole is read again, so that no page stays
 * made up of parts.
 */
@Injectable()
export class WatchedPages implements OnModuleDestroy {
  private readonly logger = new Logger('Live');
  private readonly pages = new Map<string, Watched>();
  /** Placement → the rooms of the pages it is on. */
  private homes = new Map<number, string[]>();
  private readonly turns = new Turns(READ_AT_ONCE);
  private tell: (delta: LiveDelta) => void = () => undefined;

  constructor(private readonly db: DataSource) {}

  onModuleDestroy(): void {
    for (const watched of this.pages.values()) this.clearTimers(watched);
    this.pages.clear();
  }

  /** Who carries deltas to the viewers. */
  onDelta(tell: (delta: LiveDelta) => void): void {
    this.tell = tell;
  }

  /** The page's revision; of a page that nobody watches here, one that no delta will follow. */
  revisionOf(page: LivePage): number {
    return this.pages.get(roomOf(page))?.revision ?? firstRevision();
  }

  /** One more viewer: deltas follow the revision it answers. Null when the page has gone. */
  async watch(page: LivePage): Promise<number | null> {
    const watched = this.pages.get(roomOf(page)) ?? this.open(page);
    watched.viewers += 1;
    try {
      if (await watched.told) return watched.revision;
    } catch (error) {
      this.unwatch(page);
      throw error;
    }
    this.unwatch(page);
    return null;
  }

  unwatch(page: LivePage): void {
    const watched = this.pages.get(roomOf(page));
    if (!watched) return;
    watched.viewers -= 1;
    if (watched.viewers > 0) return;
    this.clearTimers(watched);
    this.pages.delete(roomOf(page));
  }

  /** Reads all watched pages again and tells their viewers in any case: time alone changes pages too. */
  refreshAll(): void {
    this.homes = new Map();
    for (const watched of this.pages.values()) {
      watched.isDue = true;
      this.touch(watched, 'all');
    }
  }

  /** Makes the pages stale that the notice's placements are on. */
  async hear({ kind, placements }: ChangeNotice): Promise<void> {
    if (this.pages.size === 0) return;
    await this.learnHomes(placements?.filter((key) => !this.homes.has(key)) ?? []);
    const touched = new Set<Watched>();
    const note = (watched: Watched, key: number | null): void => {
      noteChanged(watched, kind, key);
      touched.add(watched);
    };
    if (placements === null) this.pages.forEach((watched) => note(watched, null));
    else for (const key of placements) this.watchedOf(key).forEach((watched) => note(watched, key));
    for (const watched of touched) this.touch(watched, watched.stale);
  }

  private async learnHomes(keys: readonly number[]): Promise<void> {
    if (keys.length === 0) return;
    for (const { key, path, trialId } of await placementHomes(this.db.manager, keys)) {
      const units = path.map((id) => roomOf({ kind: 'unit', id }));
      this.homes.set(key, trialId ? [...units, roomOf({ kind: 'trial', id: trialId })] : units);
    }
  }

  private watchedOf(key: number): Watched[] {
    return (this.homes.get(key) ?? []).flatMap((room) => this.pages.get(room) ?? []);
  }

  private open(page: LivePage): Watched {
    const watched = newlyWatched(
      page,
      this.turns.run(() => this.readWhole(page)),
    );
    this.pages.set(roomOf(page), watched);
    void watched.told.catch(() => null).then(() => this.rest(watched));
    return watched;
  }

  private readWhole({ kind, id }: LivePage, before?: PageReading | null): Promise<PageReading | null> {
    const readPage = kind === 'unit' ? readUnitPage : readTrialPage;
    return readPage(this.db.manager, id, { now: new Date(), benefitOf: before?.content });
  }

  private touch(watched: Watched, stale: Staleness): void {
    makeStale(watched, stale);
    if (watched.isReading || watched.timer) return;
    const wait = Math.max(0, watched.readAt + SHORTEST_GAP_MS - Date.now());
    watched.timer = setTimeout(() => void this.reread(watched), wait);
  }

  /** After a reading: what happened meanwhile is read next. */
  private rest(watched: Watched): void {
    watched.isReading = false;
    if (watched.stale !== 'no' && this.isWatched(watched)) this.touch(watched, watched.stale);
  }

  private async reread(watched: Watched): Promise<void> {
    const { stale, changed } = watched;
    Object.assign(watched, { timer: undefined, isReading: true, stale: 'no' });
    watched.changed = nothingChanged();
    try {
      const before = await watched.told;
      const after = before && (await this.turns.run(() => this.readAfter(watched, before, { stale, changed })));
      if (before && after) this.tellChange(watched, before, after);
    } catch (error) {
      // The viewers see an old asOf; the next notice or the regular refresh reads again, and the whole of it.
      watched.wholeAt = -Infinity;
      this.logger.error(new Error(`The page ${roomOf(watched.page)} could not be read.`, { cause: error }));
    } finally {
      this.rest(watched);
    }
  }

  /** Its turn is when the page counts as read: so pages that one notice touches spread out, and do not queue each time. */
  private async readAfter(
    watched: Watched,
    before: PageReading,
    { stale, changed }: Pick<Watched, 'stale' | 'changed'>,
  ): Promise<PageReading | null> {
    watched.readAt = Date.now();
    if (stale === 'named' && watched.readAt < watched.wholeAt + WHOLE_EVERY_MS) {
      const recent = await readRecent(this.db.manager, before, { now: new Date(), changed });
      if (recent) return this.wholeLater(watched, recent);
    }
    clearTimeout(watched.wholeTimer);
    Object.assign(watched, { wholeTimer: undefined, wholeAt: Date.now() });
    return this.readWhole(watched.page, stale === 'all' ? null : before);
  }

  private wholeLater(watched: Watched, recent: PageReading): PageReading {
    if (watched.wholeTimer || !this.isWatched(watched)) return recent;
    const wait = watched.wholeAt + WHOLE_EVERY_MS - Date.now();
    watched.wholeTimer = setTimeout(() => this.touch(watched, 'use'), wait);
    return recent;
  }

  private tellChange(watched: Watched, before: PageReading, after: PageReading): void {
    watched.told = Promise.resolve(after);
    const due = watched.isDue ? unchanged(watched.page, after.content) : null;
    const delta = deltaBetween(watched.page, before.content, after.content) ?? due;
    watched.isDue = false;
    if (!delta) return;
    watched.revision += 1;
    this.tell({ revision: watched.revision, ...delta });
  }

  private isWatched(watched: Watched): boolean {
    return this.pages.get(roomOf(watched.page)) === watched;
  }

  private clearTimers({ timer, wholeTimer }: Watched): void {
    clearTimeout(timer);
    clearTimeout(wholeTimer);
  }
}
