import { END_LEFT_SESSION, LIST_LEFT_SESSIONS } from '#database';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { slotOfService } from '../heartbeat.js';
import type { WorkerSlot } from '../worker-slot.js';
import { BrokerConnection } from './broker-connection.js';
import type { BrokerSettings } from './broker-login.js';
import type { Delivery } from './publish-scanner.js';

/** What taking over needs from around it. */
export interface LeftSessionsOptions {
  readonly broker: BrokerSettings;
  readonly worker: WorkerSlot;
  readonly pool: Pool;
  readonly log: Logger;
  readonly filters: readonly string[];
  onDelivery(delivery: Delivery): void;
}

interface LeftSession {
  readonly service: string;
  readonly client_id: string;
}

const LOOKS_PER_TAKE_OVER = 4;
/** A session that has brought nothing for so long, with nothing unacknowledged, is empty. */
const QUIET_MS = 3_000;
const LOOK_AGAIN_MS = 100;

/**
 * A broker goes on giving a worker's durable session its share while the worker is away. When nobody takes its place, one
 * of the others does for a moment: it subscribes that session to nothing, stores what it holds, and ends it. Only
 * whoever holds the worker's slot may do so.
 */
export class LeftSessions {
  private timer: NodeJS.Timeout | null = null;
  private round: Promise<void> = Promise.resolve();
  private connection: BrokerConnection | null = null;
  private isStopping = false;

  constructor(private readonly options: LeftSessionsOptions) {}

  /** Looks for them from now on. */
  watch(): void {
    let isLooking = false;
    this.timer = setInterval(() => {
      if (isLooking) return;
      isLooking = true;
      this.round = this.look()
        .catch((error: unknown) =>
          this.options.log.warn({ err: error }, 'a session left behind could not be taken over'),
        )
        .finally(() => (isLooking = false));
    }, this.options.broker.takeOverAfterMs / LOOKS_PER_TAKE_OVER).unref();
  }

  stopTaking(): void {
    this.isStopping = true;
    if (this.timer) clearInterval(this.timer);
  }

  /** What was taken is acknowledged; a session that is not empty yet stays for the next one. */
  async close(): Promise<void> {
    this.stopTaking();
    await this.connection?.leave();
    await this.round;
  }

  private async look(): Promise<void> {
    const { pool, broker, worker } = this.options;
    const values = [broker.takeOverAfterMs / 1000];
    const { rows } = await pool.query<LeftSession>({ ...LIST_LEFT_SESSIONS, values });
    for (const left of rows) {
      const slot = slotOfService(left.service);
      if (slot !== null && !this.isStopping) await worker.whileHolding(slot, () => this.takeOver(left));
    }
  }

  private async takeOver({ service, client_id: clientId }: LeftSession): Promise<void> {
    const { broker, filters, log, pool } = this.options;
    const draining = new Draining((delivery) => this.options.onDelivery(delivery));
    const connection = await BrokerConnection.open({
      login: broker.login,
      clientId,
      onPublish: (delivery, from) => {
        if (!this.isStopping) draining.take(delivery, from);
      },
    });
    this.connection = connection;
    try {
      if (connection.isResumed) await connection.unsubscribe(filters);
      if (!(await draining.untilQuiet(connection)) || this.isStopping) return;
      await connection.leave({ endSession: true });
      await pool.query({ ...END_LEFT_SESSION, values: [service] });
      log.info({ service, messages: draining.taken }, 'took over what the session of a worker that is gone held');
    } finally {
      connection.cut();
      this.connection = null;
    }
  }
}

/** Counts what a session brings until it is empty. */
class Draining {
  taken = 0;
  private open = 0;
  private lastAtMs = 0;

  constructor(private readonly onDelivery: (delivery: Delivery) => void) {}

  take(delivery: Delivery, connection: BrokerConnection): void {
    this.taken += 1;
    this.open += 1;
    this.lastAtMs = Date.now();
    delivery.done = (error) => this.settle(delivery.messageId, connection, error);
    this.onDelivery(delivery);
  }

  /** False when the connection was lost before. */
  async untilQuiet(connection: BrokerConnection): Promise<boolean> {
    // From now on: a broker that was slow to let us in is not quiet yet.
    this.lastAtMs = Date.now();
    let isOpen = true;
    void connection.closed.then(() => (isOpen = false));
    while (isOpen && (this.open > 0 || Date.now() - this.lastAtMs < QUIET_MS)) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
    return isOpen;
  }

  private settle(messageId: number | undefined, connection: BrokerConnection, error?: Error): void {
    this.open -= 1;
    if (error) connection.cut(error.message);
    else if (messageId !== undefined) connection.acknowledge(messageId);
  }
}
