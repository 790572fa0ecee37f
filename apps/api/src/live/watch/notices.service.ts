import { type ChangeNotice, CHANGES_CHANNEL } from '#contracts';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import pg from 'pg';
import type { Config } from '../../config.js';
import { ACCESS_CHANNEL, type AccessNotice } from '../../identity/access-changes.queries.js';
import { CONFIG } from '../../settings.js';
import { WatchedPages } from './watched-pages.js';

/** What no notice tells is seen at the latest after this long: silence, midnight, a moved device, a notice missed. */
const REFRESH_EVERY_MS = 30_000;
const RECONNECT_AFTER_MS = 1_000;

/**
 * Hears what ingest and the worker tell, on a connection of its own, and hands it to the watched pages. Notices sent
 * while it was not connected are lost: so every connection begins with reading all pages again.
 */
@Injectable()
export class NoticesService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Live');
  private isStopping = false;
  private client: pg.Client | undefined;
  private refreshing: NodeJS.Timeout | undefined;
  private reconnecting: NodeJS.Timeout | undefined;
  private tellAccessChanged: (userId: string) => Promise<void> = async () => undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly pages: WatchedPages,
  ) {}

  /** Who holds sockets: checks those of a person whose sessions or grants have changed. */
  onAccessChanged(tell: (userId: string) => Promise<void>): void {
    this.tellAccessChanged = tell;
  }

  async onApplicationBootstrap(): Promise<void> {
    this.refreshing = setInterval(() => this.pages.refreshAll(), REFRESH_EVERY_MS);
    await this.connect();
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    clearInterval(this.refreshing);
    clearTimeout(this.reconnecting);
    await this.client?.end();
  }

  private async connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.config.databaseUrl,
      keepAlive: true,
      application_name: 'nyttospar live',
    });
    client.on('error', (error) => this.logger.warn(`The connection for notices broke: ${error.message}`));
    client.once('end', () => this.connectLater());
    client.on('notification', (notification) => void this.hear(notification));
    try {
      await client.connect();
      await client.query(`listen ${CHANGES_CHANNEL}; listen ${ACCESS_CHANNEL}`);
      this.client = client;
      this.pages.refreshAll();
    } catch (error) {
      this.logger.warn(`No connection for notices: ${String(error)}`);
      this.connectLater();
    }
  }

  private connectLater(): void {
    if (this.isStopping) return;
    clearTimeout(this.reconnecting);
    this.reconnecting = setTimeout(() => void this.connect(), RECONNECT_AFTER_MS);
  }

  private async hear({ channel, payload = '' }: pg.Notification): Promise<void> {
    try {
      if (channel === ACCESS_CHANNEL) await this.tellAccessChanged((JSON.parse(payload) as AccessNotice).userId);
      else await this.pages.hear(JSON.parse(payload) as ChangeNotice);
    } catch (error) {
      this.logger.error(new Error(`A notice could not be followed: ${payload}`, { cause: error }));
      this.pages.refreshAll();
    }
  }
}
