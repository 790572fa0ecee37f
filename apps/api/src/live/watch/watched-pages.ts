import { randomInt } from 'node:crypto';
import type { ChangeNotice, LiveDelta, LivePage } from '#contracts';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { placementHomes } from '../live.queries.js';
import { type PageContent, readTrialPage, readUnitPage } from '../read-page.js';
import { deltaBetween, unchanged } from './page-delta.js';
import { Turns } from './turns.js';

/** A page is read at most four times a second, however much happens on it. */
const SHORTEST_GAP_MS = 250;
/** Pages read at once: live pages must not take all database connections from requests. */
const READ_AT_ONCE = 2;

/** A page that somebody watches; one reading serves all of its viewers. */
interface Watched {
  page: LivePage;
  viewers: number;
  revision: number;
  /** What its viewers have been told last. */
  told: Promise<PageContent | null>;
  readAt: number;
  isReading: boolean;
  /** Something happened that the last reading may have missed: only to use and signals, or also to benefit. */
  stale: 'no' | 'use' | 'all';
  /** Tell the viewers even if nothing changed. */
  isDue: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** The room of a page's viewers. */
export const roomOf = ({ kind, id }: LivePage): string => `${kind}:${id}`;

/** A revision that continues no other one: not of a process before, nor of a watch that has ended. */
const firstRevision = (): number => Date.now() * 1_000 + randomInt(1_000);

/**
 * The pages watched through this process. A notice makes the pages of its placements stale; a stale page is read again,
 * at most every 250 ms, and what changed goes to all of its viewers under the next revision.
 */
@Injectable()
export class WatchedPages implements OnModuleDestroy {
  private readonly logger = new Logger('Live');
  private readonly pages = new Map<string, Watched>();
  private homes = new Map<number, { path: string[]; trialId: string | null }>();
  private readonly turns = new Turns(READ_AT_ONCE);
  private tell: (delta: LiveDelta) => void = () => undefined;

  constructor(private readonly db: DataSource) {}

  onModuleDestroy(): void {
    for (const watched of this.pages.values()) clearTimeout(watched.timer);
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
    clearTimeout(watched.timer);
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
    const stale = kind === 'benefit' ? 'all' : 'use';
    if (placements === null) return this.pages.forEach((watched) => this.touch(watched, stale));
    await this.learnHomes(placements.filter((key) => !this.homes.has(key)));
    for (const room of new Set(placements.flatMap((key) => this.roomsOf(key)))) {
      const watched = this.pages.get(room);
      if (watched) this.touch(watched, stale);
    }
  }

  private async learnHomes(keys: readonly number[]): Promise<void> {
    if (keys.length === 0) return;
    for (const { key, path, trialId } of await placementHomes(this.db.manager, keys))
      this.homes.set(key, { path, trialId });
  }

  private roomsOf(key: number): string[] {
    const home = this.homes.get(key);
    if (!home) return [];
    const units = home.path.map((id) => roomOf({ kind: 'unit', id }));
    return home.trialId ? [...units, roomOf({ kind: 'trial', id: home.trialId })] : units;
  }

  private open(page: LivePage): Watched {
    const watched: Watched = {
      page,
      viewers: 0,
      revision: firstRevision(),
      told: this.read(page),
      readAt: Date.now(),
      isReading: true,
      stale: 'no',
      isDue: false,
      timer: undefined,
    };
    this.pages.set(roomOf(page), watched);
    void watched.told.catch(() => null).then(() => this.rest(watched));
    return watched;
  }

  private read({ kind, id }: LivePage, benefitOf?: PageContent | null): Promise<PageContent | null> {
    const readContent = kind === 'unit' ? readUnitPage : readTrialPage;
    return this.turns.run<PageContent | null>(() =>
      readContent(this.db.manager, id, { now: new Date(), benefitOf: benefitOf ?? undefined }),
    );
  }

  private touch(watched: Watched, stale: 'use' | 'all'): void {
    if (watched.stale !== 'all') watched.stale = stale;
    if (watched.isReading || watched.timer) return;
    const wait = Math.max(0, watched.readAt + SHORTEST_GAP_MS - Date.now());
    watched.timer = setTimeout(() => void this.reread(watched), wait);
  }

  /** After a reading: what happened meanwhile is read next. */
  private rest(watched: Watched): void {
    watched.isReading = false;
    if (watched.stale !== 'no' && this.pages.get(roomOf(watched.page)) === watched) this.touch(watched, watched.stale);
  }

  private async reread(watched: Watched): Promise<void> {
    const { stale } = watched;
    Object.assign(watched, { timer: undefined, isReading: true, stale: 'no', readAt: Date.now() });
    try {
      const before = await watched.told;
      const after = await this.read(watched.page, stale === 'use' ? before : null);
      if (before && after) this.tellChange(watched, before, after);
    } catch (error) {
      // The viewers see an old asOf; the next notice or the regular refresh reads again.
      this.logger.error(new Error(`The page ${roomOf(watched.page)} could not be read.`, { cause: error }));
    } finally {
      this.rest(watched);
    }
  }

  private tellChange(watched: Watched, before: PageContent, after: PageContent): void {
    const due = watched.isDue ? unchanged(watched.page, after) : null;
    const delta = deltaBetween(watched.page, before, after) ?? due;
    watched.isDue = false;
    if (!delta) return;
    watched.told = Promise.resolve(after);
    watched.revision += 1;
    this.tell({ revision: watched.revision, ...delta });
  }
}
