import type { ChangeNotice } from '#contracts';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Notification, PoolClient } from 'pg';
import { DataSource, type EntityManager, type QueryRunner } from 'typeorm';
import { writeHeartbeat } from '../health/heartbeat.queries.js';
import { Setbacks } from './setbacks.js';
import { workOff } from './work-off.js';
import { countDirtyDays, listenForChanges, releaseWorkerLock, stopListening, tryWorkerLock } from './worker.queries.js';

const OWN_KIND: ChangeNotice['kind'] = 'benefit';
const LOOK_EVERY_MS = 1_000;
const HEARTBEAT_EVERY_MS = 5_000;
/** After work the worker rests as long as it worked, within these: it never takes more than half of a core. */
const SHORTEST_REST_MS = 100;
const LONGEST_REST_MS = 1_000;

/**
 * Turns dirty marks into qualifying units:
 *
 *     stand by → (advisory lock) → [claim → compute → rest or wait]* → release
 *
 * Lock, LISTEN and all of its transactions share one connection: when that breaks, the lock goes and nothing half done
 * can be committed beside the next worker.
 */
@Injectable()
export class WorkerService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Worker');
  private readonly setbacks = new Setbacks();
  private isStopping = false;
  private isWoken = false;
  private endWait: () => void = () => undefined;
  private life: Promise<void> = Promise.resolve();
  private beatAt = 0;

  constructor(private readonly db: DataSource) {}

  onApplicationBootstrap(): void {
    this.life = this.live();
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    this.wake();
    await this.life;
  }

  private async live(): Promise<void> {
    while (!this.isStopping) {
      await this.serve().catch((error: unknown) =>
        this.logger.error(new Error('The worker lost its connection and begins again.', { cause: error })),
      );
      await this.wait(LOOK_EVERY_MS);
    }
  }

  /** Works as long as this process holds the lock; returns at once when another one has it. */
  private async serve(): Promise<void> {
    const runner = this.db.createQueryRunner();
    const connection = (await runner.connect()) as PoolClient;
    if (!(await tryWorkerLock(runner.manager).catch(() => false))) return void (await runner.release());
    const onNotification = (message: Notification): void => this.hear(message.payload);
    connection.on('notification', onNotification);
    try {
      await listenForChanges(runner.manager);
      while (!this.isStopping) await this.round(runner.manager);
    } finally {
      connection.off('notification', onNotification);
      await leave(runner);
    }
  }

  private async round(tx: EntityManager): Promise<void> {
    const began = Date.now();
    const taken = await workOff(tx, this.setbacks);
    await this.beat(tx);
    if (taken === 0) return this.wait(LOOK_EVERY_MS);
    const rest = Math.min(Math.max(Date.now() - began, SHORTEST_REST_MS), LONGEST_REST_MS);
    await new Promise((resolve) => setTimeout(resolve, rest));
  }

  private async beat(tx: EntityManager): Promise<void> {
    if (Date.now() - this.beatAt < HEARTBEAT_EVERY_MS) return;
    this.beatAt = Date.now();
    await writeHeartbeat(tx, 'worker', { ...(await countDirtyDays(tx)), failing: this.setbacks.count });
  }

  /** Anything but its own announcements wakes it: a needless look at the marks costs a millisecond. */
  private hear(payload = ''): void {
    if (!payload.includes(`"${OWN_KIND}"`)) this.wake();
  }

  private wake(): void {
    this.isWoken = true;
    this.endWait();
  }

  /** Until woken (also when that was before), at most so long. */
  private async wait(longestMs: number): Promise<void> {
    if (!this.isWoken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, longestMs);
        this.endWait = () => (clearTimeout(timer), resolve());
      });
    }
    this.isWoken = false;
  }
}

/** Gives the connection back without lock and LISTEN; a broken one has lost both. */
async function leave(runner: QueryRunner): Promise<void> {
  if (runner.isReleased) return;
  try {
    await stopListening(runner.manager);
    await releaseWorkerLock(runner.manager);
  } finally {
    await runner.release();
  }
}
