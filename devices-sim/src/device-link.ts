import { RAW_DAYS } from '#contracts';
import { Connection, ConnectionLost, LoginRefused } from './connection.js';
import type { Window } from './device.js';
import type { FleetDevice } from './devices-file.js';
import type { Memory } from './memory.js';
import { nextOutageIn, offlineStretchAt } from './outages.js';
import { backOffMs, eachBounded, jittered, waitUntil } from './pace.js';
import { historyMessages, liveMessages, pieces, type Life, type Message } from './plan.js';

/** What a device tells of its connection. */
export interface News {
  connected(publicId: string): void;
  /** Once per device until it gets in. */
  refused(publicId: string, reason: string): void;
  unreachable(reason: string): void;
}

/** What a fleet's devices share. */
export interface Surroundings {
  readonly url: string;
  readonly zone: string;
  readonly memory: Memory;
  readonly news: News;
}

const DAY_MS = 86_400_000;
const HISTORY_STEP_MS = 7 * DAY_MS;
const LIVE_STEP_MS = 5 * 60_000;
const IN_FLIGHT = 20;
const REFUSED_PAUSE_MS = 60_000;

/**
 * One device's life on the wire, for ever: connect, tell what is not yet acknowledged, then each event at its moment;
 * after a loss wait and begin again. In its own outages it cuts the line without a word and stays away.
 */
export class DeviceLink {
  /** Resolves when the device is connected or its first attempt has failed. */
  readonly tried: Promise<void>;
  private readonly life: Life;
  private readonly stopping = new AbortController();
  private hasTried = (): void => undefined;
  private connection: Connection | null = null;
  private untilMs: number;
  private attempt = 0;
  private isRefusalTold = false;

  constructor(
    private readonly device: FleetDevice,
    private readonly around: Surroundings,
  ) {
    this.tried = new Promise((resolve) => (this.hasTried = resolve));
    const bornMs = Math.max(Date.parse(device.since), Date.now() - RAW_DAYS * DAY_MS);
    this.life = { device, zone: around.zone, bornMs };
    this.untilMs = Math.max(bornMs, around.memory.acknowledgedUntil(device) ?? 0);
  }

  /** Runs until {@link stop}; never rejects but for a fault of the program. */
  async run(): Promise<void> {
    while (!this.isStopping) {
      await this.waitForNetwork();
      if (!this.isStopping) await this.converse().catch((error: unknown) => this.pauseAfter(error));
    }
    this.hasTried();
  }

  /** Says `offline` and ends; the caller bounds the time it may take. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.connection?.leave().catch(() => this.cut());
  }

  /** Ends at once, without a word. */
  cut(): void {
    this.stopping.abort();
    this.connection?.cut();
  }

  private get isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private async waitForNetwork(): Promise<void> {
    const offline = offlineStretchAt(this.device, Date.now());
    if (offline === null) return;
    this.hasTried();
    await waitUntil(offline.toMs, this.stopping.signal);
  }

  private async converse(): Promise<void> {
    const { url, news } = this.around;
    const connection = await Connection.open({ url, ...this.device }, this.stopping.signal);
    this.connection = connection;
    if (this.isStopping) return connection.leave();
    try {
      await connection.publish('state', { state: 'online', at: new Date().toISOString() });
      [this.attempt, this.isRefusalTold] = [0, false];
      news.connected(this.device.publicId);
      this.hasTried();
      await this.tellHistory(connection);
      await this.tellLive(connection);
    } finally {
      if (!this.isStopping) connection.cut();
    }
  }

  private async tellHistory(connection: Connection): Promise<void> {
    for (const window of pieces({ fromMs: this.untilMs, toMs: Date.now() }, HISTORY_STEP_MS)) {
      await eachBounded(historyMessages(this.life, window), IN_FLIGHT, (message) => this.send(connection, message));
      if (this.isStopping) return;
      this.acknowledged(window.toMs);
    }
  }

  /** Returns at the next outage, or when the device is stopped. */
  private async tellLive(connection: Connection): Promise<void> {
    const attention = new AbortController();
    connection.onClose(() => attention.abort());
    const heard = AbortSignal.any([attention.signal, this.stopping.signal]);
    for (let outageMs: number | null = null; outageMs === null && !this.isStopping;) {
      const window = { fromMs: this.untilMs, toMs: Math.max(this.untilMs, Date.now()) + LIVE_STEP_MS };
      outageMs = nextOutageIn(this.device, window);
      await this.tellAtMoments(connection, { fromMs: window.fromMs, toMs: outageMs ?? window.toMs }, heard);
    }
  }

  private async tellAtMoments(connection: Connection, window: Window, heard: AbortSignal): Promise<void> {
    for (const message of liveMessages(this.life, window)) {
      await waitUntil(message.dueMs, heard);
      await this.send(connection, message);
      if (this.isStopping) return;
      this.acknowledged(message.dueMs);
    }
    await waitUntil(window.toMs, heard);
    if (this.isStopping) return;
    if (!connection.isOpen) throw new ConnectionLost('The connection ended.');
    this.acknowledged(window.toMs);
  }

  /** Sends nothing more once stopping: the farewell must not wait behind a long history. */
  private async send(connection: Connection, { channel, content }: Message): Promise<void> {
    if (!this.isStopping) await connection.publish(channel, content);
  }

  private acknowledged(untilMs: number): void {
    this.untilMs = untilMs;
    this.around.memory.acknowledge(this.device, untilMs);
  }

  private async pauseAfter(error: unknown): Promise<void> {
    if (this.isStopping) return;
    this.hasTried();
    await waitUntil(Date.now() + this.pauseMs(error), this.stopping.signal);
  }

  private pauseMs(error: unknown): number {
    const { news } = this.around;
    if (error instanceof LoginRefused) {
      if (!this.isRefusalTold) news.refused(this.device.publicId, error.message);
      this.isRefusalTold = true;
      return jittered(REFUSED_PAUSE_MS);
    }
    if (!(error instanceof ConnectionLost)) throw error;
    news.unreachable(error.message);
    return backOffMs(this.attempt++);
  }
}
