import { TOPIC_ROOT, UPWARD_CHANNELS } from '#contracts';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { WorkerSlot } from '../worker-slot.js';
import type { BrokerSettings } from './broker-login.js';
import type { ForeignOptions } from '../adapters/foreign-publications.js';
import { Deliveries, type DeliveriesOptions } from './deliveries.js';
import { GatewaySubscription } from './gateway-subscription.js';
import { LeftSessions } from './left-sessions.js';
import { Session } from './session.js';

/** What subscribing needs from around it. */
export interface SubscriberOptions extends DeliveriesOptions, Omit<ForeignOptions, 'send'> {
  readonly broker: BrokerSettings;
  readonly worker: WorkerSlot;
  readonly pool: Pool;
  readonly log: Logger;
}

/** What devices publish; and the same as a share of it, when the broker gives each message to one of the workers. */
const PLAIN: readonly string[] = UPWARD_CHANNELS.map((channel) => `${TOPIC_ROOT}/+/${channel}`);
const SHARED: readonly string[] = PLAIN.map((filter) => `$share/nyttospar/${filter}`);

/** The name of a worker's session: whoever has its slot takes it over. */
export const clientIdOf = (slot: number): string => `nyttospar-ingest-${slot}`;

const ALONE = 'Ingest cannot start: with MQTT_SHARED=off there is one worker only, and it runs already.';

/** Messages that may wait before those without an acknowledgement are no longer read. */
const OVERFULL = 20_000;

/** Devices' messages by way of an external MQTT 5 broker, shared among the workers. */
export class Subscriber {
  private readonly deliveries: Deliveries;
  private readonly leftSessions: LeftSessions;
  private readonly gateways: GatewaySubscription;
  private session!: Session;

  private constructor(private readonly options: SubscriberOptions) {
    this.deliveries = new Deliveries(options);
    this.leftSessions = new LeftSessions({
      ...options,
      filters: [...SHARED, ...PLAIN],
      onDelivery: (delivery) => this.deliveries.take(delivery),
    });
    this.gateways = new GatewaySubscription({ ...options, isOverfull: () => this.isOverfull });
  }

  /** Resolves when subscribed; rejects, readably, when the broker is away or refuses. */
  static async start(options: SubscriberOptions): Promise<Subscriber> {
    const { isShared } = options.broker;
    if (!isShared && options.worker.number > 0) throw new Error(ALONE);
    const subscriber = new Subscriber(options);
    subscriber.session = await Session.start({
      login: options.broker.login,
      clientId: clientIdOf(options.worker.number),
      filters: () => (isShared ? SHARED : PLAIN),
      formerFilters: () => (isShared ? PLAIN : SHARED),
      log: options.log,
      onDelivery: (delivery) => subscriber.deliveries.take(delivery),
      isOverfull: () => subscriber.isOverfull,
    });
    subscriber.leftSessions.watch();
    subscriber.gateways.watch();
    return subscriber;
  }

  /** What arrives from now on comes again after the next start. */
  stopTaking(): void {
    this.session.stopTaking();
    this.leftSessions.stopTaking();
    this.gateways.stopTaking();
    this.deliveries.stop();
  }

  /** Sends the last acknowledgements and leaves; the broker keeps the session. */
  async close(): Promise<void> {
    await Promise.all([this.session.close(), this.leftSessions.close(), this.gateways.close()]);
  }

  private get isOverfull(): boolean {
    return this.options.committer.waiting + this.deliveries.waiting > OVERFULL;
  }
}
