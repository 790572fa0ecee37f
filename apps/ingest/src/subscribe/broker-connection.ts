import { MqttClient, type StreamBuilder } from 'mqtt';
import { nameOf, openSocket, type BrokerLogin } from './broker-login.js';
import type { Delivery } from './publish-scanner.js';
import { PublishTap } from './publish-tap.js';

/** How a session is opened. */
export interface ConnectionOptions {
  readonly login: BrokerLogin;
  readonly clientId: string;
  readonly keepaliveSeconds?: number;
  /** Messages of a resumed session come before {@link BrokerConnection.open} resolves. */
  readonly onPublish: (delivery: Delivery, connection: BrokerConnection) => void;
}

/** A broker keeps what comes while no worker is there for so long. */
const SESSION_EXPIRY_SECONDS = 86_400;
/** How many messages may be on their way to their commit, per session. */
const RECEIVE_MAXIMUM = 2_000;
/** A device's array of usages is 64 KiB at most; what is larger is rejected by name up to here, and beyond it not sent. */
const MAX_PACKET_BYTES = 262_144;
const KEEPALIVE_SECONDS = 60;
/** How often what arrives is told to the keep-alive's clock. */
const HEARD_MS = 200;
const CONNECT_MS = 10_000;
const LEAVE_MS = 2_000;

/**
 * One network connection to an MQTT 5 broker under a durable session; it never comes back by itself. Messages are not
 * acknowledged until {@link acknowledge} says so; what is not will be delivered again to the session's next connection.
 */
export class BrokerConnection {
  /** Resolves when the connection is gone, with what is known of why. */
  readonly closed: Promise<string>;
  /** Whether the broker knew the session. */
  isResumed = false;
  isOpen = true;
  private readonly client: MqttClient;
  private readonly tap: PublishTap;
  private why = 'the connection was closed';
  private heardAtMs = 0;

  private constructor({ login, clientId, onPublish, keepaliveSeconds = KEEPALIVE_SECONDS }: ConnectionOptions) {
    const take = (delivery: Delivery): void => {
      this.hear();
      onPublish(delivery, this);
    };
    this.tap = new PublishTap(openSocket(login), { maxPacketBytes: MAX_PACKET_BYTES, onPublish: take });
    this.tap.on('error', (error) => (this.why = reasonOf(error)));
    const buildStream = (): PublishTap => this.tap;
    this.client = new MqttClient(buildStream as unknown as StreamBuilder, {
      protocolVersion: 5,
      clientId,
      clean: false,
      keepalive: keepaliveSeconds,
      connectTimeout: CONNECT_MS,
      reconnectPeriod: 0,
      resubscribe: false,
      ...(login.username !== undefined && { username: login.username }),
      ...(login.password !== undefined && { password: login.password }),
      properties: {
        sessionExpiryInterval: SESSION_EXPIRY_SECONDS,
        receiveMaximum: RECEIVE_MAXIMUM,
        maximumPacketSize: MAX_PACKET_BYTES,
      },
    });
    this.client.on('error', (error) => (this.why = reasonOf(error)));
    this.client.on('disconnect', ({ reasonCode }) => (this.why = `the broker ended it with reason ${reasonCode ?? 0}`));
    this.closed = new Promise((resolve) => {
      this.client.once('close', () => {
        this.isOpen = false;
        resolve(this.why);
      });
    });
  }

  /** Resolves when the broker has taken the log-in; rejects with its refusal, named with the broker. */
  static async open(options: ConnectionOptions): Promise<BrokerConnection> {
    const connection = new BrokerConnection(options);
    const connected = new Promise<void>((resolve) => {
      connection.client.once('connect', ({ sessionPresent }) => {
        connection.isResumed = sessionPresent;
        resolve();
      });
    });
    const refused = connection.closed.then((why) => {
      throw new Error(`The MQTT broker ${nameOf(options.login)} (MQTT_URL) does not let ingest in: ${why}`);
    });
    await Promise.race([connected, refused]);
    return connection;
  }

  /** Subscribes at QoS 1, with what is retained the first time only. Rejects with the broker's refusal, or when it is gone. */
  async subscribe(filters: readonly string[]): Promise<void> {
    if (filters.length > 0) await this.orGone(this.client.subscribeAsync([...filters], { qos: 1, rh: 1 }));
  }

  async unsubscribe(filters: readonly string[]): Promise<void> {
    if (filters.length > 0) await this.orGone(this.client.unsubscribeAsync([...filters]));
  }

  /** At QoS 0: what it asks for is asked again when it does not come. */
  publish(topic: string, payload: Buffer): void {
    this.client.publish(topic, payload);
  }

  /** Acknowledges a message of this connection; call it in the order of arrival [MQTT5-4.6.0-2]. */
  acknowledge(messageId: number): void {
    this.tap.acknowledge(messageId);
  }

  stopReading(): void {
    this.tap.stopReading();
  }

  readOn(): void {
    this.tap.readOn();
  }

  /** Sends what is written and takes leave. The broker keeps the session for a day, or drops it with `endSession`. */
  async leave({ endSession = false } = {}): Promise<void> {
    const patience = setTimeout(() => this.cut(), LEAVE_MS);
    this.client.end(false, endSession ? { properties: { sessionExpiryInterval: 0 } } : {});
    await this.closed;
    clearTimeout(patience);
  }

  /** What is asked of a client whose connection has closed already waits for another one, which never comes. */
  private async orGone(asked: Promise<unknown>): Promise<void> {
    const gone = this.closed.then((why) => {
      throw new Error(why);
    });
    await Promise.race([asked, gone]);
  }

  /**
   * A broker under load may answer a ping late (Mosquitto reads one packet of each client in turn, and the ping stands
   * behind our acknowledgements): as long as messages come, it is there.
   */
  private hear(): void {
    const nowMs = Date.now();
    if (nowMs - this.heardAtMs < HEARD_MS) return;
    this.heardAtMs = nowMs;
    this.client.reschedulePing(true);
  }

  /** Ends at once; what is not acknowledged comes again. */
  cut(why?: string): void {
    if (why !== undefined) this.why = why;
    this.tap.destroy();
  }
}

/** Several addresses that were tried come as one error without a text of its own. */
function reasonOf(error: Error): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error && first.message !== '' ? first.message : error.name;
}
