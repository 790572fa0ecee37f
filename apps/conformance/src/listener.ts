import { commandTopics, TOPIC_ROOT } from '#contracts';
import {
  Aedes,
  type AuthenticateError,
  type Client,
  type ConnectPacket,
  type PublishPacket,
  type Subscription,
} from 'aedes';
import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { ConnectSeen, Observation, PublishSeen, Will } from './observation.js';

/** Where to listen, for whom, and who decides. */
export interface ListenerOptions {
  readonly address: string;
  readonly port: number;
  readonly deviceId: string;
  readonly secret: string;
  readonly observe: (observation: Observation) => void;
  /** Whether this message is acknowledged; else its connection is cut. */
  readonly acknowledges: (topic: string, qos: number) => boolean;
}

type Refusal = (error: AuthenticateError, ok: null) => void;

/** CONNACK of MQTT 5 with reason 0x84, unsupported protocol version [MQTT5-3.1.2.2]. */
const CONNACK_NO_MQTT_5 = Buffer.from([0x20, 3, 0, 0x84, 0]);
const CONNACK_LEVEL_REFUSED = Buffer.from([0x20, 2, 0, 1]);
const RETURN_CODE = { identifier: 2, badCredentials: 4 } as const;

/** An MQTT broker for one device that writes down everything the device does. */
export class Listener {
  /** While true, connections end before a word. */
  isRefusing = false;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly cutByKit = new WeakSet<Socket>();
  private readonly numbers = new WeakMap<Client, number>();
  private readonly connects = new WeakMap<Client, ConnectPacket>();
  private aedes!: Aedes;
  private count = 0;

  private constructor(private readonly options: ListenerOptions) {
    this.server = createServer({ noDelay: true }, (socket) => this.accept(socket));
  }

  /** Resolves when connections are taken; rejects when the port is not to be had. */
  static async start(options: ListenerOptions): Promise<Listener> {
    const listener = new Listener(options);
    listener.aedes = await Aedes.createBroker({
      preConnect: (client, packet, done) => listener.preConnect(client, packet, done),
      authenticate: (client, ...[username, password, done]) =>
        listener.authenticate(client, { username, password }, done),
      authorizePublish: (client, packet, done) => listener.authorizePublish(client, packet, done),
      authorizeSubscribe: (client, subscription, done) => done(null, listener.authorizeSubscribe(client, subscription)),
      queueLimit: 1_000,
    });
    // Whatever goes wrong with a client ends its connection, which is observed.
    for (const event of ['clientError', 'connectionError'] as const) listener.aedes.on(event, () => undefined);
    listener.server.listen(options.port, options.address);
    await once(listener.server, 'listening');
    return listener;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Ends every connection without a word, as a lost network does. */
  cut(): void {
    for (const socket of this.sockets) {
      this.cutByKit.add(socket);
      socket.destroy();
    }
  }

  /** Sends the device a command; the caller notes it. */
  async command(commandId: string): Promise<void> {
    const topic = `${TOPIC_ROOT}/${this.options.deviceId}/command/${commandId}`;
    const payload = Buffer.from(JSON.stringify({ id: commandId, name: 'conformance' }));
    const packet = { cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false } as const;
    await new Promise<void>((resolve) => this.aedes.publish(packet, () => resolve()));
  }

  async stop(): Promise<void> {
    this.server.close();
    this.cut();
    await new Promise<void>((resolve) => this.aedes.close(() => resolve()));
  }

  private accept(socket: Socket): void {
    if (this.isRefusing) return void socket.destroy();
    this.count += 1;
    const connection = this.count;
    this.sockets.add(socket);
    const client = this.aedes.handle(socket);
    this.numbers.set(client, connection);
    socket.once('close', () => {
      this.sockets.delete(socket);
      const by = this.cutByKit.has(socket) ? 'kit' : 'device';
      if (this.connects.has(client)) this.options.observe({ kind: 'leave', atMs: Date.now(), connection, by });
    });
  }

  private preConnect(client: Client, packet: ConnectPacket, done: (error: Error | null, ok: boolean) => void): void {
    this.connects.set(client, packet);
    if (packet.protocolVersion === 4) return done(null, true);
    this.noteConnect(client, 'wrong_protocol');
    client.conn.write(Number(packet.protocolVersion) === 5 ? CONNACK_NO_MQTT_5 : CONNACK_LEVEL_REFUSED);
    done(new Error('only MQTT 3.1.1 is spoken here'), false);
  }

  private authenticate(
    client: Client,
    { username, password }: { username: string | undefined; password: Buffer | undefined },
    done: Refusal & ((error: null, ok: true) => void),
  ): void {
    const { deviceId, secret } = this.options;
    const { clientId, clean } = this.connects.get(client) ?? {};
    if (!clientId && !clean) return this.refuse(client, 'no_client_id', done);
    const isRight = username === deviceId && timingSafeEqual(hash(password ?? ''), hash(secret));
    if (!isRight) return this.refuse(client, 'wrong_credentials', done);
    this.noteConnect(client, 'accepted');
    done(null, true);
  }

  private refuse(client: Client, outcome: 'no_client_id' | 'wrong_credentials', done: Refusal): void {
    this.noteConnect(client, outcome);
    const returnCode = outcome === 'no_client_id' ? RETURN_CODE.identifier : RETURN_CODE.badCredentials;
    done(Object.assign(new Error(outcome), { returnCode }), null);
  }

  private authorizePublish(client: Client | null, packet: PublishPacket, done: (error?: Error) => void): void {
    const connection = client && this.numbers.get(client);
    // A will comes when its connection is gone: it was seen with the CONNECT.
    if (!client || client.closed || !connection) return done();
    const isAcknowledged = this.options.acknowledges(packet.topic, packet.qos);
    this.options.observe({ ...publishSeen(packet, connection), answer: isAcknowledged ? 'acknowledged' : 'withheld' });
    if (isAcknowledged) done();
    else this.cut();
  }

  private authorizeSubscribe(client: Client, subscription: Subscription): Subscription | null {
    const { topic: filter, qos } = subscription;
    const own = commandTopics(this.options.deviceId);
    const isOneCommand = filter.startsWith(own.slice(0, -1)) && /^[^/+#]+$/.test(filter.slice(own.length - 1));
    const isGranted = filter === own || isOneCommand;
    const connection = this.numbers.get(client) ?? 0;
    this.options.observe({ kind: 'subscribe', atMs: Date.now(), connection, filter, qos, isGranted });
    return isGranted ? subscription : null;
  }

  private noteConnect(client: Client, outcome: ConnectSeen['outcome']): void {
    const packet = this.connects.get(client);
    if (!packet) return;
    this.options.observe({
      kind: 'connect',
      atMs: Date.now(),
      connection: this.numbers.get(client) ?? 0,
      outcome,
      protocolVersion: packet.protocolVersion ?? 0,
      clientId: packet.clientId,
      clean: packet.clean ?? true,
      keepaliveSeconds: packet.keepalive ?? 0,
      username: packet.username ?? null,
      will: packet.will ? willOf(packet.will) : null,
    });
  }
}

const hash = (secret: string | Buffer): Buffer => createHash('sha256').update(secret).digest();

function willOf({ topic, payload, qos, retain }: NonNullable<ConnectPacket['will']>): Will {
  return { topic, payload: Buffer.from(payload).toString('base64'), qos: qos ?? 0, retain: retain ?? false };
}

function publishSeen(packet: PublishPacket, connection: number): Omit<PublishSeen, 'answer'> {
  const { topic, qos, retain, dup, messageId } = packet;
  const payload = Buffer.from(packet.payload).toString('base64');
  const facts = { topic, qos, retain, dup, messageId: messageId ?? null, payload };
  return { kind: 'publish', atMs: Date.now(), connection, ...facts };
}
