import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Config } from '../../config.js';
import { CONFIG } from '../../settings.js';
import { queueEvents } from './raise.queries.js';

const LOOK_EVERY_MS = 2_000;

/** Looks for what other processes have seen, and makes a job of each: every API process may, and each event has one. */
@Injectable()
export class EventRounds implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Notifications');
  private timer: NodeJS.Timeout | undefined;
  private isStopping = false;
  private round: Promise<void> = Promise.resolve();

  constructor(
    private readonly db: DataSource,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.jobs !== 'off') this.next();
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    clearTimeout(this.timer);
    await this.round;
  }

  private next(): void {
    if (this.isStopping) return;
    this.timer = setTimeout(() => {
      this.round = this.look().finally(() => this.next());
    }, LOOK_EVERY_MS);
  }

  private async look(): Promise<void> {
    await queueEvents(this.db.manager).catch((error: unknown) =>
      this.logger.error(new Error('What other processes have seen could not be looked for.', { cause: error })),
    );
  }
}
