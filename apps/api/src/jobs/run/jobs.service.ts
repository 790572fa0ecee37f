import { EventEmitter } from 'node:events';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { run, type Runner, type WorkerEvents } from 'graphile-worker';
import pg from 'pg';
import { DataSource } from 'typeorm';
import type { Config } from '../../config.js';
import { CONFIG } from '../../settings.js';
import { countFailedJobs, freeJobsOfTheDead } from '../jobs.queries.js';
import { cronItems } from '../timetable.js';
import { installJobs } from './install.js';
import { Presence } from './presence.js';
import { taskList } from './task-list.js';
import { toNestLogger } from './worker-log.js';

/** A mail server that does not answer must not hold up everything else. */
const AT_ONCE = 3;
const CONNECTIONS = AT_ONCE + 2;
const FREE_EVERY_MS = 10_000;
const BEGIN_AGAIN_MS = 2_000;
/** Jobs under way are told to give up after the first, and given up after the second: shutting down takes at most 10 s. */
const ABORT_AFTER_MS = 3_000;
const KILL_AFTER_MS = 5_000;

/**
 * Does what is enqueued, in every API process at once:
 *
 *     install → [run → (the database goes) → run again]* → stop accepting → finish or give back → close
 *
 * Each job is locked in the database by one process; what a dead process was doing is freed by the others.
 */
@Injectable()
export class JobsService implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Jobs');
  private isStopping = false;
  private runner: Runner | undefined;
  private life: Promise<void> = Promise.resolve();
  private freeing: NodeJS.Timeout | undefined;
  private endWait: () => void = () => undefined;

  constructor(
    private readonly db: DataSource,
    private readonly modules: ModuleRef,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Also where no jobs are done, so that they can be enqueued. */
  async onModuleInit(): Promise<void> {
    await installJobs(this.config.databaseUrl);
  }

  onApplicationBootstrap(): void {
    if (this.config.jobs === 'off') return;
    this.freeing = setInterval(() => void this.free(), FREE_EVERY_MS);
    this.life = this.free().then(() => this.live());
  }

  /** Before the connections of the application close: its handlers use them. */
  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    clearInterval(this.freeing);
    this.endWait();
    const stopped = this.runner?.stop().catch(() => undefined); // when it has stopped by itself
    let kill: NodeJS.Timeout | undefined;
    const killed = new Promise<void>((resolve) => {
      // Without a runner it is a start that hangs: there is nothing to kill.
      kill = setTimeout(() => void (this.runner?.kill() ?? Promise.resolve()).then(resolve, resolve), KILL_AFTER_MS);
    });
    await Promise.race([Promise.all([stopped, this.life]), killed]);
    clearTimeout(kill);
  }

  /** For the readiness: whether jobs are being done here, and how many have failed anywhere. */
  async state(): Promise<{ isRunning: boolean; failed: number }> {
    return { isRunning: this.runner !== undefined, failed: await countFailedJobs(this.db.manager) };
  }

  private async live(): Promise<void> {
    while (!this.isStopping) {
      await this.serve().catch((error: unknown) =>
        this.logger.error(new Error('The jobs stopped and begin again.', { cause: error })),
      );
      this.runner = undefined;
      if (!this.isStopping) await this.wait();
    }
  }

  /** Until it is stopped, or the database has been away for long. */
  private async serve(): Promise<void> {
    const pool = this.connect();
    const events: WorkerEvents = new EventEmitter();
    const presences: Presence[] = [];
    events.on('pool:create', ({ workerPool }) => {
      const presence = new Presence(this.config.databaseUrl, workerPool.id);
      presences.push(presence);
      void presence.show();
    });
    try {
      this.runner = await run({
        pgPool: pool,
        events,
        taskList: taskList(this.db, this.modules),
        parsedCronItems: this.config.jobs === 'on' ? cronItems() : [],
        concurrency: AT_ONCE,
        noHandleSignals: true,
        gracefulShutdownAbortTimeout: ABORT_AFTER_MS,
        logger: toNestLogger,
      });
      if (this.isStopping) await this.runner.stop();
      await this.runner.promise;
    } finally {
      await Promise.all(presences.map((presence) => presence.leave()));
      await pool.end();
    }
  }

  private connect(): pg.Pool {
    const pool = new pg.Pool({
      connectionString: this.config.databaseUrl,
      max: CONNECTIONS,
      application_name: 'nyttospar jobs',
    });
    const onError = (error: Error): void => this.logger.warn(`A connection of the jobs broke: ${error.message}`);
    pool.on('error', onError);
    pool.on('connect', (client) => void client.on('error', onError));
    return pool;
  }

  private async free(): Promise<void> {
    await freeJobsOfTheDead(this.db.manager).catch((error: unknown) =>
      this.logger.warn(`Jobs of dead processes could not be freed now: ${String(error)}`),
    );
  }

  private async wait(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, BEGIN_AGAIN_MS);
      this.endWait = () => (clearTimeout(timer), resolve());
    });
  }
}
