import { Pool } from 'pg';
import type { Logger } from 'pino';
import { Broker } from './broker/broker.js';
import { startCounters, type Counters } from './counters.js';
import { Custody, placementAt, type Device } from './custody.js';
import { DisconnectListener } from './disconnect-listener.js';
import { beat } from './heartbeat.js';
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

/** Settings of a running ingest. */
export interface IngestOptions {
  readonly databaseUrl: string;
  readonly bind: string;
  readonly mqttPort: number;
  readonly log: Logger;
  readonly limits?: Partial<Limits>;
}

const PULSE_MS = 250;
const CUSTODY_MS = 2_000;
const HEARTBEAT_MS = 5_000;
const SWEEP_MS = 30_000;
const PARTITIONS_MS = 3_600_000;
/** A drain that takes longer is given up: what is not acknowledged will be sent again. */
const DRAIN_MS = 8_000;
/** Several ingest processes would each take a slot of their own. */
const SHARD = 0;

/** MQTT in, rows out: the broker, the committer and what goes round beside them, wired together. */
export class Ingest {
  readonly counters: Counters = startCounters();
  private readonly pool: Pool;
  private readonly custody: Custody;
  private readonly signals: Signals;
  private readonly notices: Notices;
  private readonly committer: Committer;
  private readonly connection: CommitConnection;
  private readonly rounds: Rounds;
  private readonly listener: DisconnectListener;
  private range: PartitionRange = { fromMs: Infinity, toMs: -Infinity };
  private broker!: Broker;
  private stopped: Promise<void> | null = null;

  private constructor(private readonly options: IngestOptions) {
    const { databaseUrl, log } = options;
    const timeouts = { connectionTimeoutMillis: 5_000, statement_timeout: 30_000 };
    this.pool = new Pool({ connectionString: databaseUrl, max: 3, application_name: 'nyttospar-ingest', ...timeouts });
    this.pool.on('error', (error) => log.warn({ error: error.message }, 'an idle connection broke'));
    this.custody = new Custody(this.pool);
    this.signals = new Signals(this.pool);
    this.notices = new Notices(this.pool);
    this.rounds = new Rounds(log);
    this.connection = new CommitConnection(databaseUrl);
    this.listener = new DisconnectListener(databaseUrl, (key) => void this.recheckSoon(key));
    this.committer = this.makeCommitter();
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
    return this.broker.port;
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
      shard: SHARD,
      keptFromMs: () => this.range.fromMs,
      makePartitions: (timesMs) => makePartitions(this.pool, timesMs),
      onCommitted: (entries, rows) => this.noteCommitted(entries, rows),
      onFailed: (cause) =>
        this.options.log.error({ err: cause }, 'a batch could not be committed: nothing of it is acknowledged'),
    });
  }

  private async prepare(): Promise<void> {
    this.range = await makeNeededPartitions(this.pool, Date.now());
    await this.custody.refresh();
    await this.signals.start();
    await this.connection.open();
    await this.listener.keepListening();
    this.broker = await this.startBroker();
    this.custody.onChanged((devices) => devices.forEach((device) => this.broker.recheck(device)));
    this.startRounds();
    await this.beat();
  }

  private startBroker(): Promise<Broker> {
    const { custody, committer, counters } = this;
    const publications = new Publications({ custody, committer, counters, keptFromMs: () => this.range.fromMs });
    return Broker.start({
      bind: this.options.bind,
      port: this.options.mqttPort,
      custody,
      counters,
      limits: { ...LIMITS, ...this.options.limits },
      log: this.options.log,
      onPublication: (publication) => publications.take(publication),
      onConnection: (deviceKey, connected) => this.signals.noteConnection(deviceKey, connected),
      onUnknownDevice: (username) => committer.take(unknownDeviceEntry(username)),
    });
  }

  private startRounds(): void {
    this.rounds.every(PULSE_MS, 'signals', () => this.pulse());
    this.rounds.every(CUSTODY_MS, 'custody', () => this.custody.refresh());
    this.rounds.every(CUSTODY_MS, 'listen', () => this.listener.keepListening());
    this.rounds.every(HEARTBEAT_MS, 'heartbeat', () => this.beat());
    this.rounds.every(SWEEP_MS, 'sweep', () => this.broker.sweep());
    this.rounds.every(PARTITIONS_MS, 'partitions', async () => {
      this.range = await makeNeededPartitions(this.pool, Date.now());
      await this.custody.reload();
    });
  }

  private noteCommitted(entries: readonly Entry[], rows: readonly Row[]): void {
    this.signals.noteCommitted(entries, rows);
    for (const { device, atMs } of rows) this.notices.note('usage', placementAt(this.current(device), atMs));
  }

  /** Signals first: a notice says that they can be read. */
  private async pulse(): Promise<void> {
    const nowMs = Date.now();
    for (const key of await this.signals.flush()) {
      const device = this.custody.deviceByKey(key);
      if (device) this.notices.note('signal', placementAt(device, nowMs));
    }
    await this.notices.flush();
  }

  private current(device: Device): Device {
    return this.custody.deviceByKey(device.key) ?? device;
  }

  private async recheckSoon(deviceKey: number): Promise<void> {
    try {
      await this.custody.refresh();
      const device = this.custody.deviceByKey(deviceKey);
      if (device) this.broker.recheck(device);
    } catch (error) {
      this.options.log.warn({ err: error }, 'custody could not be read; the next round tries again');
    }
  }

  private beat(isStopped = false): Promise<void> {
    return beat(this.pool, { counters: this.counters, waiting: this.committer.waiting, range: this.range, isStopped });
  }

  private async drainAndLeave(): Promise<void> {
    this.broker.stopTaking();
    await this.rounds.stop();
    const isDrained = await this.committer.drain(DRAIN_MS);
    if (!isDrained) this.options.log.warn({ waiting: this.committer.waiting }, 'gave up waiting for the database');
    await this.broker.close();
    await this.sayGoodbye().catch((error: unknown) =>
      this.options.log.warn({ err: error }, 'the last facts were not written'),
    );
    await this.release();
  }

  private async sayGoodbye(): Promise<void> {
    await this.pulse();
    await this.signals.disconnectAll();
    await this.beat(true);
  }

  private async release(): Promise<void> {
    await Promise.allSettled([this.listener.stop(), this.connection.reset(), this.pool.end()]);
  }
}
