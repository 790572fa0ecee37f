import { setTimeout } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DataSource, type EntityManager, type QueryRunner } from 'typeorm';
import type { Config } from '../config.js';
import { writeHeartbeat } from '../health/heartbeat.queries.js';
import { Outbox } from '../notifications/raise/outbox.service.js';
import { CONFIG } from '../settings.js';
import { Canary, type Sky } from './canary.js';
import { canaryRoots, hasRow, releaseCanaryLock, tryCanaryLock } from './canary.queries.js';
import type { CanarySettings } from './canary-settings.js';
import { CANARY_SERVICE, statusOf } from './canary-status.js';
import { type Flight, flyOn, TAKING_OFF } from './flight.js';
import { keepDevice } from './keep-device.js';
import { tellOf } from './tell.js';

type Flying = Extract<CanarySettings, { isOn: true }>;

const LOOK_EVERY_MS = 1_000;

/** A canary in the air. */
interface Perch {
  canary: Canary;
  flight: Flight;
  startedAt: Date;
}

/**
 * Keeps a device of each municipality that sends a usage every half minute by the way of any other, and looks for its row:
 *
 *     stand by → (advisory lock) → [make those that are missing → probe all → tell → wait]* → land → release
 *
 * Only this knows that the whole way works: every part of it may say of itself that it is well.
 */
@Injectable()
export class CanaryService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Canary');
  private readonly landing = new AbortController();
  private readonly perches = new Map<string, Perch>();
  private life: Promise<void> = Promise.resolve();

  constructor(
    private readonly db: DataSource,
    private readonly outbox: Outbox,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    const settings = this.config.canary;
    if (settings.isOn) this.life = this.live(settings);
    else this.logger.log(`The canary stays at home: ${settings.reason}.`);
  }

  async onModuleDestroy(): Promise<void> {
    this.landing.abort();
    await this.life;
  }

  private get isLanding(): boolean {
    return this.landing.signal.aborted;
  }

  private async live(settings: Flying): Promise<void> {
    while (!this.isLanding) {
      await this.serve(settings).catch((error: unknown) =>
        this.logger.error(new Error('The canary could not go on and begins again.', { cause: error })),
      );
      await this.wait(LOOK_EVERY_MS);
    }
  }

  /** As long as this process holds the lock; returns at once when another one has it. */
  private async serve(settings: Flying): Promise<void> {
    const runner = this.db.createQueryRunner();
    await runner.connect();
    if (!(await tryCanaryLock(runner.manager).catch(() => false))) return void (await runner.release());
    try {
      while (!this.isLanding) await this.round(runner.manager, settings);
    } finally {
      await this.land([...this.perches.keys()]);
      await leave(runner);
    }
  }

  private async round(tx: EntityManager, settings: Flying): Promise<void> {
    const beganAt = Date.now();
    await this.keepFlock(tx, settings);
    const perches = [...this.perches.values()];
    await Promise.all(perches.map((perch) => this.probe(perch)));
    if (this.isLanding) return;
    await tx.transaction((inner) => tellOf(inner, this.outbox, perches.map(storyOf)));
    const status = statusOf(
      perches.map(({ canary: { bird }, flight }) => ({ bird, flight })),
      settings.everyMs,
    );
    await writeHeartbeat(tx, CANARY_SERVICE, status);
    const pause = perches.length === 0 ? LOOK_EVERY_MS : settings.everyMs;
    await this.wait(beganAt + pause - Date.now());
  }

  private async probe(perch: Perch): Promise<void> {
    perch.flight = flyOn(perch.flight, await perch.canary.probe());
  }

  /** A canary for each municipality; one that the broker did not know gets a new secret, and keeps its story. */
  private async keepFlock(tx: EntityManager, settings: Flying): Promise<void> {
    const roots = await canaryRoots(tx, settings.login?.username ?? null);
    await this.land([...this.perches.keys()].filter((rootId) => !roots.includes(rootId)));
    for (const rootId of roots) {
      const known = this.perches.get(rootId);
      if (known && !known.canary.isRefused) continue;
      await this.land([rootId]);
      const bird = await tx.transaction((inner) => keepDevice(inner, rootId, settings.login));
      if (!bird) continue;
      const perch = known ?? { flight: TAKING_OFF, startedAt: new Date() };
      this.perches.set(rootId, { ...perch, canary: new Canary(bird, this.skyOf(settings)) });
    }
  }

  private skyOf({ url, ca, missMs }: Flying): Sky {
    const look: Sky['hasRow'] = (deviceKey, at) => hasRow(this.db.manager, deviceKey, at);
    return { url, ca, missMs, landing: this.landing.signal, hasRow: look };
  }

  private async land(rootIds: readonly string[]): Promise<void> {
    for (const rootId of rootIds) {
      await this.perches.get(rootId)?.canary.land();
      this.perches.delete(rootId);
    }
  }

  private async wait(ms: number): Promise<void> {
    await setTimeout(Math.max(0, ms), undefined, { signal: this.landing.signal }).catch(() => undefined);
  }
}

const storyOf = ({ canary: { bird }, flight, startedAt }: Perch) => ({ rootId: bird.rootId, flight, startedAt });

/** Gives the connection back without the lock; a broken one has lost it. */
async function leave(runner: QueryRunner): Promise<void> {
  if (runner.isReleased) return;
  try {
    await releaseCanaryLock(runner.manager);
  } finally {
    await runner.release();
  }
}
