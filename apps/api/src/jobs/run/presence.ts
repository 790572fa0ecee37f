import { Logger } from '@nestjs/common';
import pg from 'pg';
import { showPresence } from '../jobs.queries.js';

const AGAIN_AFTER_MS = 1_000;

/**
 * Shows the other processes that this one lives, by a lock that its connection holds: PostgreSQL lets go of it at the
 * moment the process dies, however it does, and what it was doing is then given to another.
 */
export class Presence {
  private readonly logger = new Logger('Jobs');
  private client: pg.Client | undefined;
  private again: NodeJS.Timeout | undefined;
  private hasLeft = false;

  constructor(
    private readonly databaseUrl: string,
    private readonly poolId: string,
  ) {}

  async show(): Promise<void> {
    if (this.hasLeft) return;
    const client = new pg.Client({
      connectionString: this.databaseUrl,
      keepAlive: true,
      application_name: 'nyttospar jobs presence',
    });
    client.on('error', (error) => this.logger.warn(`The connection that shows our presence broke: ${error.message}`));
    client.once('end', () => this.showLater());
    this.client = client;
    try {
      await client.connect();
      await showPresence(client, this.poolId);
    } catch (error) {
      this.logger.warn(`No connection to show our presence: ${String(error)}`);
      this.showLater();
    }
  }

  async leave(): Promise<void> {
    this.hasLeft = true;
    clearTimeout(this.again);
    await this.client?.end().catch(() => undefined); // a broken one has left already
  }

  private showLater(): void {
    if (this.hasLeft) return;
    clearTimeout(this.again);
    this.again = setTimeout(() => void this.show(), AGAIN_AFTER_MS);
  }
}
