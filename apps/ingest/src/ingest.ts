import { Pool } from 'pg';
import type { Logger } from 'pino';
import { AdapterSessions } from './adapters/adapter-sessions.js';
import { type ForeignOptions, ForeignPublications } from './adapters/foreign-publications.js';
import { GatewaySignals } from './adapters/gateway-signals.js';
import { Gateways } from './adapters/gateways.js';
import { Logins } from './adapters/logins.js';
import { MappingMemories } from './adapters/mapping-memories.js';
import { Broker } from './broker/broker.js';
import type { TlsSettings } from './broker/listeners.js';
import { startCounters, type Counters } from './counters.js';
import { Custody, placementAt } from './custody.js';
import { DisconnectListener } from './disconnect-listener.js';
import { beat } from './heartbeat.js';
import { Inbox } from './inbox/inbox.js';
import { LIMITS, type Limits } from './limits.js';
import { Notices } from './notices.js';
import { makeNeededPartitions, makePartitions, type PartitionRange } from './partitions.js';
import { Publications, unknownDeviceEntry } from './publications.js';
import { Committer } from './record/committer.js';
import { CommitConnection } from './record/connection.js';
import type { Entry } from './record/entry.js';
import type { Row } from './record/row.js';
import { Rounds } from './rounds.js';
import { Signals } from './signals.js';
import type { BrokerSettings } from './subscribe/broker-login.js';
import { clientIdOf, Subscriber } from './subscribe/subscriber.js';
import type { WorkerSlot } from './worker-slot.js';

/** Settings of a running ingest. */
export interface IngestOptions {
  readonly databaseUrl: string;
  readonly bind: string;
  readonly mqttPort: number;
  /** The embedded broker's port with TLS; none unless given. */
  readonly tls?: TlsSettings | null;
  /** An external broker to subscribe to; without one, ingest is the broker. */
  readonly broker?: BrokerSettings | null;
  /** Its slot among several workers; needed with an external broker, and the first one unless given. */
  readonly worker?: WorkerSlot;
  readonly log: Logger;
  readonly limits?: Partial<Limits>;
}

/** Signals are written, and then told of, so often; of usage a notice leaves sooner (notices.ts). */
const PULSE_MS = 250;
const INBOX_MS = 250;
const CUSTODY_MS = 2_000;
const HEARTBEAT_MS = 5_000;
const SWEEP_MS = 30_000;
const PARTITIONS_MS = 3_600_000;
/** A drain that takes longer is given up: what is not acknowledged will be sent again. */
const DRAIN_MS = 8_000;
/** Where devices' messages come from: the embedded broker, or subscriptions to an external one. */
interface Intake {
  stopTaking(): void;
  close(): Promise<void>;
}

/** MQTT in, rows out: the broker, the committer and what goes round beside them, wired together. */
export class Ingest {
  readonly counters: Counters = startCounters();
  private readonly pool: Pool;
  private readonly custody: Custody;
  private readonly signals: Signals;
  private readonly gateways: Gateways;
  private readonly logins: Logins;
  private readonly memories: MappingMemories;
  private readonly sessions: AdapterSessions;
  private readonly gatewaySignals: GatewaySignals;
  private readonly notices: Notices;
  private readonly committer: Committer;
  private readonly connection: CommitConnection;
  private readonly rounds: Rounds;
  private readonly inbox: Inbox;
  private readonly listener: DisconnectListener;
  private range: PartitionRange = { fromMs: Infinity, toMs: -Infinity };
  private broker: Broker | null = null;
  private intake!: Intake;
  private stopped: Promise<void> | null = null;

  private constructor(private readonly options: IngestOptions) {
    const { databaseUrl, log } = options;
    const timeouts = { connectionTimeoutMillis: 5_000, statement_timeout: 30_000 };
    this.pool = new Pool({ connectionString: databaseUrl, max: 3, application_name: 'nyttospar-ingest', ...timeouts });
    this.pool.on('error', (error) => log.warn({ error: error.message }, 'an idle connection broke'));
    // One in use tells whoever uses it; without a listener of its own it would end the process.
    this.pool.on('connect', (client) => client.on('error', () => undefined));
    this.custody = new Custody(this.pool);
    this.signals = new Signals(this.pool);
    this.gateways = new Gateways(this.pool);
    this.logins = new Logins(this.custody, this.gateways);
    this.memories = new MappingMemories(this.pool);
    this.sessions = new AdapterSessions(this.pool);
    this.gatewaySignals = new GatewaySignals(this.pool);
    this.notices = new Notices(this.pool, log);
    this.rounds = new Rounds(log);
    this.connection = new CommitConnection(databaseUrl);
    this.listener = new DisconnectListener(databaseUrl, (key) => void this.recheckSoon(key));
    this.committer = this.makeCommitter();
    this.inbox = this.makeInbox();
  }

  /** Resolves when devices can connect; rejects with the cause when the database or the port is not to be had. */
  static async start(options: IngestOptions): Promise<Ingest> {
    const ingest = new Ingest(options);
    try {
      await ingest.prepare();
    } catch (error) {
      await ingest.release();
      throw error;
    }
    return ingest;
  }

  get port(): number {
    if (!this.broker) throw new Error('with an external broker ingest has no port of its own');
    return this.broker.port;
  }

  /** Null without TLS. */
  get tlsPort(): number | null {
    return this.broker?.tlsPort ?? null;
  }

  /** What the broker looks after every half minute: expired credentials, a renewed certificate. */
  async sweep(): Promise<void> {
    await this.broker?.sweep();
  }

  /** Takes nothing new, commits what was taken, acknowledges it, leaves. Idempotent. */
  stop(): Promise<void> {
    this.stopped ??= this.drainAndLeave();
    return this.stopped;
  }

  private makeCommitter(): Committer {
    const { connection, custody, counters } = this;
    return new Committer({
      connection,
      custody,
      counters,
      shard: this.slot,
      keptFromMs: () => this.range.fromMs,
      makePartitions: (timesMs) => makePartitions(this.pool, timesMs),
      onCommitted: (entries, rows) => this.noteCommitted(entries, rows),
      onFailed: (cause) =>
        this.options.log.error({ err: cause }, 'a batch could not be committed: nothing of it is acknowledged'),
    });
  }

  private makeInbox(): Inbox {
    const { pool, custody, committer } = this;
    const { log } = this.options;
    const keptFromMs = (): number => this.range.fromMs;
    return new Inbox({ pool, custody, log, keptFromMs, take: (entry) => committer.take(entry) });
  }

  private async prepare(): Promise<void> {
    this.range = await makeNeededPartitions(this.pool, Date.now());
    await this.logins.refresh();
    await this.memories.load();
    await this.sessions.load();
    await this.gatewaySignals.disconnectAll();
    await this.signals.start({ isBroker: !this.options.broker });
    await this.connection.open();
    await this.listener.keepListening();
    this.intake = this.options.broker ? await this.subscribe(this.options.broker) : await this.startBroker();
    this.custody.onChanged((devices) => devices.forEach((device) => this.broker?.recheck(device)));
    this.gateways.onChanged((gateways) => gateways.forEach((gateway) => this.broker?.recheck(gateway)));
    this.startRounds();
    await this.beat();
  }

  private get slot(): number {
    return this.options.worker?.number ?? 0;
  }

  /** What taking messages needs, whichever way they come. */
  private get receiving(): Omit<ForeignOptions, 'send'> {
    const { custody, committer, counters, gateways, memories, sessions, gatewaySignals: signals } = this;
    const keptFromMs = (): number => this.range.fromMs;
    return { custody, committer, counters, gateways, memories, sessions, signals, keptFromMs };
  }

  private subscribe(broker: BrokerSettings): Promise<Subscriber> {
    const { worker, log } = this.options;
    if (!worker) throw new Error('a worker of an external broker needs a slot');
    return Subscriber.start({
      ...this.receiving,
      broker,
      worker,
      pool: this.pool,
      log,
      onState: (deviceKey, isOnline, atMs) => this.signals.noteConnection(deviceKey, isOnline, atMs),
    });
  }

  private async startBroker(): Promise<Broker> {
    const { committer, counters, logins, receiving } = this;
    const send: ForeignOptions['send'] = (key, message) => this.broker?.sendTo(key, message);
    const foreign = new ForeignPublications({ ...receiving, send });
    const publications = new Publications({ ...receiving, foreign });
    this.broker = await Broker.start({
      bind: this.options.bind,
      port: this.options.mqttPort,
      tls: this.options.tls ?? null,
      logins,
      counters,
      limits: { ...LIMITS, ...this.options.limits },
      log: this.options.log,
      onPublication: (publication) => publications.take(publication),
      onConnection: (key, connected) => this.noteConnection(key, connected),
      onUnknownDevice: (username) => committer.take(unknownDeviceEntry(username)),
    });
    return this.broker;
  }

  /** What is remembered here and written a few times a second, each by itself: one that fails holds up no other. */
  private get kept(): Record<string, { flush(): Promise<void> }> {
    return { memories: this.memories, sessions: this.sessions, gateways: this.gatewaySignals };
  }

  private startRounds(): void {
    this.rounds.every(PULSE_MS, 'signals', () => this.pulse());
    for (const [name, kept] of Object.entries(this.kept)) this.rounds.every(PULSE_MS, name, () => kept.flush());
    this.rounds.every(INBOX_MS, 'inbox', () => this.inbox.round());
    this.rounds.every(CUSTODY_MS, 'custody', () => this.logins.refresh());
    this.rounds.every(CUSTODY_MS, 'listen', () => this.listener.keepListening());
    this.rounds.every(HEARTBEAT_MS, 'heartbeat', () => this.beat());
    this.rounds.every(SWEEP_MS, 'sweep', () => this.sweep());
    this.rounds.every(PARTITIONS_MS, 'partitions', async () => {
      this.range = await makeNeededPartitions(this.pool, Date.now());
      await this.custody.reload();
    });
  }

  private noteCommitted(entries: readonly Entry[], rows: readonly Row[]): void {
    this.signals.noteCommitted(entries, rows);
    for (const { placementKey } of rows) this.notices.note('usage', placementKey);
  }

  /** Signals first: a notice says that they can be read. */
  private async pulse(limit?: number): Promise<void> {
    const nowMs = Date.now();
    for (const key of await this.signals.flush(limit)) {
      const device = this.custody.deviceByKey(key);
      if (device) this.notices.note('signal', placementAt(device, nowMs));
    }
  }

  private noteConnection(key: number, connected: boolean): void {
    if (key < 0) this.gatewaySignals.noteConnection(-key, connected);
    else this.signals.noteConnection(key, connected);
  }

  private async recheckSoon(deviceKey: number): Promise<void> {
    try {
      await this.logins.refresh();
      const device = this.logins.byKey(deviceKey);
      if (device) this.broker?.recheck(device);
    } catch (error) {
      this.options.log.warn({ err: error }, 'custody could not be read; the next round tries again');
    }
  }

  private async beat(isStopped = false): Promise<void> {
    const { slot, counters, range, committer } = this;
    const session = this.options.broker ? clientIdOf(slot) : null;
    const inbox = await this.inbox.measure();
    await beat(this.pool, { slot, session, counters, waiting: committer.waiting, range, inbox, isStopped });
  }

  private async drainAndLeave(): Promise<void> {
    this.intake.stopTaking();
    this.inbox.stop();
    await this.rounds.stop();
    const isDrained = await this.committer.drain(DRAIN_MS);
    if (!isDrained) this.options.log.warn({ waiting: this.committer.waiting }, 'gave up waiting for the database');
    await this.intake.close();
    await this.sayGoodbye().catch((error: unknown) =>
      this.options.log.warn({ err: error }, 'the last facts were not written'),
    );
    await this.release();
  }

  private async sayGoodbye(): Promise<void> {
    await this.pulse(Infinity);
    await Promise.all(Object.values(this.kept).map((kept) => kept.flush()));
    await this.notices.flush();
    if (this.broker) await Promise.all([this.signals.disconnectAll(), this.gatewaySignals.disconnectAll()]);
    await this.beat(true);
  }

  private async release(): Promise<void> {
    this.notices.stop();
    await Promise.allSettled([this.listener.stop(), this.connection.reset(), this.pool.end()]);
  }
}
