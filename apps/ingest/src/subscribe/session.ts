import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { BrokerConnection } from './broker-connection.js';
import { nameOf, type BrokerLogin } from './broker-login.js';
import { Pace } from './pace.js';
import type { Delivery } from './publish-scanner.js';

/** What a session needs from around it. */
export interface SessionOptions {
  readonly login: BrokerLogin;
  readonly clientId: string;
  /** What it is subscribed to; asked at each connection, and by {@link Session.resubscribe}. */
  filters(): readonly string[];
  /** What it may be subscribed to from before, and is not wanted any more. */
  formerFilters(): readonly string[];
  readonly log: Logger;
  onDelivery(delivery: Delivery): void;
  /** Whether more waits for its commit than is good; asked for messages that no acknowledgement can hold back (QoS 0). */
  isOverfull(): boolean;
}

const LOOK_AGAIN_MS = 50;
/** A connection that held so long did work. */
const SETTLED_MS = 10_000;

/**
 * A worker's durable session, kept connected: after a loss it comes back, later and later while it does not work. A
 * message that could not be stored cuts the connection: the broker delivers it again.
 */
export class Session {
  private readonly pace = new Pace();
  private readonly stopping = new AbortController();
  private connection: BrokerConnection | null = null;
  private heldBack: BrokerConnection | null = null;
  private life: Promise<void> = Promise.resolve();

  private constructor(private readonly options: SessionOptions) {}

  /** Resolves when subscribed; rejects, readably, when the broker is away or refuses. */
  static async start(options: SessionOptions): Promise<Session> {
    const session = new Session(options);
    const connection = await session.connect();
    session.life = session.stayConnected(connection);
    return session;
  }

  /** The filters have changed. Without a connection nothing is to be done: the next one asks for them. */
  async resubscribe(): Promise<void> {
    const { connection } = this;
    if (connection?.isOpen) await this.subscribe(connection);
  }

  /** Publishes at QoS 0; without a connection it is not sent. */
  publish(topic: string, payload: Buffer): void {
    this.connection?.publish(topic, payload);
  }

  /** Messages that arrive from now on are left unacknowledged: they come again. */
  stopTaking(): void {
    this.stopping.abort();
  }

  /** Sends the last acknowledgements and leaves; the broker keeps the session. */
  async close(): Promise<void> {
    this.stopTaking();
    await this.connection?.leave();
    await this.life;
  }

  private async connect(): Promise<BrokerConnection> {
    const { login, clientId } = this.options;
    const onPublish = (delivery: Delivery, connection: BrokerConnection): void => this.take(delivery, connection);
    const connection = await BrokerConnection.open({ login, clientId, onPublish });
    this.connection = connection;
    try {
      await this.subscribe(connection);
      return connection;
    } catch (cause) {
      connection.cut();
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`The MQTT broker ${nameOf(login)} (MQTT_URL) refuses the subscriptions: ${reason}`, { cause });
    }
  }

  private async subscribe(connection: BrokerConnection): Promise<void> {
    await connection.subscribe(this.options.filters());
    await connection.unsubscribe(this.options.formerFilters());
  }

  private async stayConnected(first: BrokerConnection): Promise<void> {
    for (let connection: BrokerConnection | null = first; connection; connection = await this.comeBack()) {
      const settled = setTimeout(() => this.pace.reset(), SETTLED_MS).unref();
      const why = await connection.closed;
      clearTimeout(settled);
      if (!this.stopping.signal.aborted) this.options.log.warn({ why }, 'the connection to the broker is gone');
    }
  }

  /** Null when there is nothing to come back for. */
  private async comeBack(): Promise<BrokerConnection | null> {
    const { signal } = this.stopping;
    for (;;) {
      await delay(this.pace.nextMs(), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return null;
      try {
        const connection = await this.connect();
        this.options.log.info('connected to the broker again');
        if (!this.stopping.signal.aborted) return connection;
        await connection.leave();
      } catch (error) {
        this.options.log.warn({ error: (error as Error).message }, 'no connection to the broker');
      }
    }
  }

  private take(delivery: Delivery, connection: BrokerConnection): void {
    if (this.stopping.signal.aborted) return;
    delivery.done = (error) => this.settle(delivery.messageId, connection, error);
    this.options.onDelivery(delivery);
    if (delivery.messageId === undefined && connection !== this.heldBack && this.options.isOverfull())
      this.holdBack(connection);
  }

  private settle(messageId: number | undefined, connection: BrokerConnection, error?: Error): void {
    if (error) return connection.cut(error.message);
    this.pace.reset();
    if (messageId !== undefined) connection.acknowledge(messageId);
  }

  /** The broker then feels it on the network connection, and keeps or drops what it must. */
  private holdBack(connection: BrokerConnection): void {
    this.heldBack = connection;
    connection.stopReading();
    const timer = setInterval(() => {
      if (this.options.isOverfull()) return;
      clearInterval(timer);
      this.heldBack = null;
      connection.readOn();
    }, LOOK_AGAIN_MS).unref();
  }
}
