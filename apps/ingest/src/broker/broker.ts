import { matchesFilter } from '#telemetry';
import type { Client, ConnectPacket, PublishPacket, Subscription } from 'aedes';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Counters } from '../counters.js';
import type { Limits } from '../limits.js';
import {
  logIn,
  mayStay,
  refusal,
  RETURN_CODE,
  type LogIn,
  type LoginSource,
  type Principal,
} from './authentication.js';
import { BadLogins } from './bad-logins.js';
import { Connections } from './connections.js';
import { Backlog } from './backlog.js';
import { Listeners, type TlsSettings } from './listeners.js';
import { PublishReader } from './publish-reader.js';
import type { Publication } from './publication.js';
import { channelOf, maySubscribe } from './topics.js';
import { asGranted } from './granted.js';
import { UsageBroker } from './usage-broker.js';

/** What the broker needs from around it. */
export interface BrokerOptions {
  readonly bind: string;
  readonly port: number;
  /** Null = the plain port only. */
  readonly tls: TlsSettings | null;
  readonly logins: LoginSource;
  readonly limits: Limits;
  readonly counters: Counters;
  readonly log: Logger;
  onPublication(publication: Publication): void;
  onConnection(deviceKey: number, connected: boolean): void;
  onUnknownDevice(username: string): void;
}

/** How long a socket may take to send its last acknowledgements. */
const FLUSH_MS = 1_000;
const CONNECT_MS = 10_000;
const NOTHING = Buffer.alloc(0);
/** CONNACK of MQTT 5 with reason 0x84, unsupported protocol version [MQTT5-3.1.2.2]. */
const CONNACK_NO_MQTT_5 = Buffer.from([0x20, 3, 0, 0x84, 0]);

/** The embedded MQTT 3.1.1 broker: who may connect, publish and subscribe. What a message means is not known here. */
export class Broker {
  readonly connections: Connections;
  private readonly badLogins: BadLogins;
  private readonly withoutId = new WeakSet<Client>();
  private readonly sockets = new Set<Socket>();
  private readonly backlog: Backlog;
  private aedes!: UsageBroker;
  private listeners!: Listeners;
  private stopping = false;

  private constructor(private readonly options: BrokerOptions) {
    this.connections = new Connections(options.limits);
    this.badLogins = new BadLogins(options.limits);
    this.backlog = new Backlog(options.limits.unacknowledgedBytes);
  }

  /** Resolves when connections are taken. */
  static async start(options: BrokerOptions): Promise<Broker> {
    const broker = new Broker(options);
    await broker.listen();
    return broker;
  }

  get port(): number {
    return this.listeners.port;
  }

  /** Null without TLS. */
  get tlsPort(): number | null {
    return this.listeners.tlsPort;
  }

  /** Ends the connections of a device that may no longer be there. */
  recheck(device: Principal): void {
    for (const client of this.connections.clientsOf(device.key)) {
      const session = this.connections.sessionOf(client);
      if (session && !mayStay(device, session.credential)) client.close();
    }
  }

  /** Ends every connection whose credential has expired, forgets old failures, and looks for a renewed certificate. */
  async sweep(): Promise<void> {
    this.badLogins.forgetOld(Date.now());
    for (const [client, { deviceKey, credential }] of this.connections.live()) {
      if (!mayStay(this.options.logins.byKey(deviceKey), credential)) client.close();
    }
    await this.listeners.renew();
  }

  /** Sends a message to those clients of a login that have asked for its topic, and to nobody else. */
  sendTo(deviceKey: number, { topic, payload }: { topic: string; payload: Buffer }): void {
    for (const client of this.connections.clientsOf(deviceKey)) {
      const filters = [...(this.connections.sessionOf(client)?.filters ?? [])];
      if (!filters.some((filter) => matchesFilter(topic, filter))) continue;
      client.publish({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false }, () => undefined);
    }
  }

  /** From now on nothing new is taken: messages already read stay unacknowledged and will be sent again. */
  stopTaking(): void {
    this.stopping = true;
    this.listeners.close();
  }

  /** Sends what is written, then ends every connection. Last wills stay unsent: it is the broker that leaves. */
  async close(): Promise<void> {
    await Promise.all([...this.sockets].map(endSocket));
    this.sockets.forEach((socket) => socket.destroy());
    await new Promise<void>((resolve) => this.aedes.close(() => resolve()));
  }

  private async listen(): Promise<void> {
    this.aedes = await UsageBroker.start({
      connectTimeout: CONNECT_MS,
      drainTimeout: 30_000,
      // A client may publish before its CONNACK; the log-in waits for the database.
      queueLimit: 1_000,
      preConnect: (client, packet, done) => this.preConnect(client, packet, done),
      authenticate: (client, ...[username = '', secret = Buffer.alloc(0), done]) => {
        void this.authenticate(client, { username, secret }, done);
      },
      authorizePublish: (client, packet, done) => this.authorizePublish(client, packet, done),
      authorizeSubscribe: (client, subscription, done) => done(null, this.authorizeSubscribe(client, subscription)),
      authorizeForward: (client, packet) => asGranted(client, packet),
    });
    this.aedes.on('clientReady', (client) => this.noteConnection(client, true));
    this.aedes.on('unsubscribe', (filters, client) => {
      for (const filter of filters) this.connections.sessionOf(client)?.filters.delete(filter);
    });
    this.aedes.on('clientError', (client, error) =>
      this.options.log.debug({ client: client.id, error: error.message }, 'client'),
    );
    this.aedes.on('connectionError', (_client, error) =>
      this.options.log.debug({ error: error.message }, 'connection'),
    );
    const { bind, port, tls, log } = this.options;
    this.listeners = await Listeners.open({
      bind,
      port,
      tls,
      log,
      enter: (address) => this.enter(address),
      leave: (address) => this.connections.leave(address),
      onSocket: (socket) => this.accept(socket),
    });
  }

  private enter(address: string): boolean {
    if (!this.stopping && this.connections.enter(address)) return true;
    this.options.counters.refusedConnections += 1;
    return false;
  }

  private accept(socket: Socket): void {
    // A TLS handshake may end after that.
    if (this.stopping) return void socket.destroy();
    this.sockets.add(socket);
    const client = this.aedes.handle(socket);
    this.readPublishes(client);
    socket.once('close', () => {
      this.sockets.delete(socket);
      if (this.connections.unseat(client)) this.noteConnection(client, false);
    });
  }

  private noteConnection(client: Client, connected: boolean): void {
    const session = this.connections.sessionOf(client);
    if (session) this.options.onConnection(session.deviceKey, connected);
  }

  private preConnect(client: Client, packet: ConnectPacket, done: (error: Error | null, ok: boolean) => void): void {
    if (packet.protocolVersion !== 3 && packet.protocolVersion !== 4) {
      client.conn.write(CONNACK_NO_MQTT_5);
      done(new Error('only MQTT 3.1.1 is spoken here'), false);
      return;
    }
    if (!packet.clientId) this.withoutId.add(client);
    done(null, true);
  }

  private async authenticate(
    client: Client,
    given: { username: string; secret: Buffer },
    done: (error: ReturnType<typeof refusal> | null, ok: boolean | null) => void,
  ): Promise<void> {
    // [MQTT-3.1.3-8]
    if (this.withoutId.has(client) && !client.clean) {
      return done(refusal(RETURN_CODE.identifier, 'a durable session needs a client id'), null);
    }
    const found = await logIn(this.options.logins, given.username, given.secret);
    // Who has left meanwhile must not be seated: nobody would ever free the seat.
    if (client.closed || client.conn.destroyed) return;
    if (!found) return void client.conn.destroy();
    if ('returnCode' in found) return this.refuse(client, { ...found, username: given.username }, done);
    // Two devices may choose the same client id: neither takes over the other's session.
    Object.assign(client, { id: `${found.device.publicId}/${client.id}` });
    const refused = this.connections.seat(client, { ...found, address: addressOf(client) });
    if (!refused) {
      this.aedes.noteSession(client.id, this.connections.isResumed(client));
      return done(null, true);
    }
    this.options.counters.refusedConnections += 1;
    done(refusal(RETURN_CODE.unavailable, refused), null);
  }

  private refuse(
    client: Client,
    refused: Extract<LogIn, { reason: string }> & { username: string },
    done: (error: ReturnType<typeof refusal>, ok: null) => void,
  ): void {
    const answer = (): void => done(refusal(refused.returnCode, refused.reason), null);
    this.options.counters.badLogins += 1;
    if (refused.isUnknown) this.options.onUnknownDevice(refused.username);
    if (!this.badLogins.delay(addressOf(client), answer)) client.conn.destroy();
  }

  private readPublishes(client: Client): void {
    new PublishReader({
      client,
      backlog: this.backlog,
      maxPacketBytes: this.options.limits.packetBytes,
      sessionOf: (one) => this.connections.sessionOf(one),
      isStopping: () => this.stopping,
      onPublication: (publication) => this.options.onPublication(publication),
      forward: (one, message) => this.aedes.send({ cmd: 'publish', qos: 1, dup: false, ...message }, one),
    });
  }

  /**
   * What comes through aedes: QoS 0 and 2, last wills, and what was sent before the log-in was done. Held until the
   * message is committed: aedes acknowledges right after `done`.
   */
  private authorizePublish(client: Client | null, packet: PublishPacket, done: (error?: Error) => void): void {
    const session = client && this.connections.sessionOf(client);
    if (!client || !session) return done(new Error('nobody has logged in'));
    const isWill = client.closed;
    if (this.stopping) return isWill ? done(new Error('the broker is leaving')) : undefined;
    const { topic, payload, qos, messageId } = packet;
    this.options.onPublication({
      session,
      clientName: client.id,
      channel: channelOf(topic, session.publicId),
      topic,
      payload: Buffer.isBuffer(payload) ? payload : Buffer.from(payload),
      qos,
      isRedelivery: packet.dup,
      messageId,
      forward: (isRetained) => {
        packet.retain &&= isRetained;
        this.aedes.forward(packet);
      },
      done: (error) => {
        // aedes keeps a QoS 2 message until its PUBREL; the content of one that goes nowhere is no longer needed.
        if (!this.aedes.isForwarded(packet)) packet.payload = NOTHING;
        done(error);
      },
    });
  }

  /** Null is answered with 0x80 [MQTT-3.9.3-2]. Shared subscriptions begin with `$share/`, no device's topic does. */
  private authorizeSubscribe(client: Client, subscription: Subscription): Subscription | null {
    const session = this.connections.sessionOf(client);
    if (!session) return null;
    const { deviceKey, publicId } = session;
    const isOwn = maySubscribe(subscription.topic, publicId);
    if (!isOwn && !this.options.logins.maySubscribe(deviceKey, subscription.topic)) return null;
    const { filters } = session;
    if (!filters.has(subscription.topic) && filters.size >= this.options.limits.subscriptionsPerClient) return null;
    filters.add(subscription.topic);
    return subscription;
  }
}

function addressOf(client: Client): string {
  return (client.conn as Socket).remoteAddress ?? '';
}

async function endSocket(socket: Socket): Promise<void> {
  if (socket.destroyed) return;
  const timeout = AbortSignal.timeout(FLUSH_MS);
  await Promise.race([
    new Promise<void>((resolve) => socket.end(() => resolve())),
    once(socket, 'close', { signal: timeout }).catch(() => undefined),
  ]);
}
