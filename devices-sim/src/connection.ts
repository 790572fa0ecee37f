import mqtt, { ErrorWithReasonCode, type MqttClient } from 'mqtt';
import { upwardTopic, type UpwardChannel } from '#contracts';

/** Where a device logs in, and as whom. */
export interface Login {
  readonly url: string;
  readonly publicId: string;
  readonly secret: string;
}

/** The broker knows the device's name or secret not (MQTT 3.1.1, CONNACK return codes 2, 4 and 5). */
export class LoginRefused extends Error {}

/** The network or the broker went away; what was not acknowledged is to be sent again. */
export class ConnectionLost extends Error {}

const REFUSALS: readonly number[] = [2, 4, 5];
const CONNECT_TIMEOUT_MS = 10_000;
const KEEPALIVE_SECONDS = 60;

/**
 * One network connection of one device, never reconnecting by itself: after a loss the device opens another one and
 * sends what was not acknowledged again. Its last will says `lost`.
 */
export class Connection {
  private readonly waiting = new Set<(error: Error) => void>();
  private readonly closeListeners: (() => void)[] = [];

  private constructor(
    private readonly client: MqttClient,
    private readonly publicId: string,
  ) {
    // Every error ends in a close; without a listener the first one would end the process.
    client.on('error', () => undefined);
    client.once('close', () => this.closed());
  }

  /** Resolves once the broker took the log-in; rejects with {@link LoginRefused} or {@link ConnectionLost}. */
  static open(login: Login, signal?: AbortSignal): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const client = mqtt.connect(login.url, optionsFor(login));
      const connection = new Connection(client, login.publicId);
      const giveUp = () => connection.cut();
      signal?.addEventListener('abort', giveUp, { once: true });
      client.once('error', (error) => reject(refusalOr(error)));
      client.once('close', () => reject(new ConnectionLost('The broker closed the connection.')));
      client.once('connect', () => resolve(connection));
      for (const event of ['connect', 'close'] as const) {
        client.once(event, () => signal?.removeEventListener('abort', giveUp));
      }
      if (signal?.aborted) giveUp();
    });
  }

  get isOpen(): boolean {
    return this.client.connected;
  }

  /** Calls back once, when the connection is gone for whatever reason. */
  onClose(listener: () => void): void {
    if (this.isOpen) this.closeListeners.push(listener);
    else listener();
  }

  /** Resolves with the broker's PUBACK (QoS 1); rejects with {@link ConnectionLost} if the connection ends before. */
  publish(channel: UpwardChannel, message: unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.isOpen) return reject(new ConnectionLost('The connection is gone.'));
      this.waiting.add(reject);
      const topic = upwardTopic(this.publicId, channel);
      this.client.publish(topic, JSON.stringify(message), { qos: 1, retain: channel === 'state' }, (error) => {
        this.waiting.delete(reject);
        if (error) reject(new ConnectionLost(error.message));
        else resolve();
      });
    });
  }

  /** Leaves without a word, as a lost network does: the broker publishes the will. */
  cut(): void {
    this.client.end(true);
    // Once a farewell waits for its acknowledgements, `end` does nothing more.
    this.client.stream.destroy();
  }

  /** Says `offline` and takes leave; the broker then drops the will. */
  async leave(): Promise<void> {
    if (!this.isOpen) return;
    await this.publish('state', { state: 'offline', at: new Date().toISOString() });
    await new Promise<void>((resolve) => {
      this.onClose(resolve);
      this.client.end();
    });
  }

  private closed(): void {
    const lost = new ConnectionLost('The connection ended before the acknowledgement.');
    for (const reject of this.waiting) reject(lost);
    this.waiting.clear();
    for (const listener of this.closeListeners) listener();
  }
}

function optionsFor({ publicId, secret }: Login): mqtt.IClientOptions {
  return {
    protocolVersion: 4,
    clean: false,
    clientId: publicId,
    username: publicId,
    password: secret,
    keepalive: KEEPALIVE_SECONDS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    reconnectPeriod: 0,
    // A will carries no time: the device cannot know when it will be lost (rule U5).
    will: { topic: upwardTopic(publicId, 'state'), payload: Buffer.from('{"state":"lost"}'), qos: 1, retain: true },
  };
}

function refusalOr(error: Error): Error {
  const isRefusal = error instanceof ErrorWithReasonCode && REFUSALS.includes(error.code);
  return isRefusal
    ? new LoginRefused(error.message, { cause: error })
    : new ConnectionLost(error.message || 'no answer', { cause: error });
}
