import { reject } from '#telemetry';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { ForeignPublications, type ForeignOptions } from '../adapters/foreign-publications.js';
import { Allowance } from '../broker/rate.js';
import { WORKER_SLOTS, type WorkerSlot } from '../worker-slot.js';
import type { BrokerSettings } from './broker-login.js';
import { refused } from './deliveries.js';
import { Pace } from './pace.js';
import { GatewayTopics, type TopicOwner } from './gateway-topics.js';
import type { Delivery } from './publish-scanner.js';
import { Session } from './session.js';

/** What hearing gateways at an external broker needs. */
export interface GatewaySubscriptionOptions extends Omit<ForeignOptions, 'send'> {
  readonly broker: BrokerSettings;
  readonly worker: WorkerSlot;
  readonly log: Logger;
  isOverfull(): boolean;
}

/** The name of the session that hears gateways, whichever worker has it. */
const CLIENT_ID = 'nyttospar-ingest-gateways';
/** Held by the worker that hears gateways; no worker's own. */
const SLOT = WORKER_SLOTS;
const LOOK_MS = 1_000;

/**
 * Hears gateways at an external broker, in one worker at a time: what adapters remember of a device must see its messages
 * in their order. When that worker is gone, another takes over within seconds; the broker keeps the session meanwhile.
 */
export class GatewaySubscription {
  private readonly topics: GatewayTopics;
  private readonly foreign: ForeignPublications;
  /** How much a gateway may send is the broker's to say. */
  private readonly allowance = new Allowance(Infinity, Infinity);
  private readonly stopping = new AbortController();
  private readonly leaving = new AbortController();
  private readonly pace = new Pace();
  private session: Session | null = null;
  private serving: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | null = null;
  private isServing = false;
  private notBeforeMs = 0;

  constructor(private readonly options: GatewaySubscriptionOptions) {
    this.topics = new GatewayTopics(options.gateways);
    this.foreign = new ForeignPublications({
      ...options,
      send: (_loginKey, { topic, payload }) => this.session?.publish(topic, payload),
    });
  }

  /** Takes its turn from now on, as soon as there is a gateway and no other worker hears them. */
  watch(): void {
    this.look();
    this.timer = setInterval(() => this.look(), LOOK_MS).unref();
  }

  stopTaking(): void {
    if (this.timer) clearInterval(this.timer);
    this.stopping.abort();
    this.session?.stopTaking();
  }

  /** Sends the last acknowledgements and leaves; the broker keeps the session. */
  async close(): Promise<void> {
    this.stopTaking();
    this.leaving.abort();
    await this.serving;
  }

  private look(): void {
    const { worker, log } = this.options;
    if (this.isServing || this.stopping.signal.aborted || this.topics.wanted.length === 0) return;
    if (Date.now() < this.notBeforeMs) return;
    this.isServing = true;
    this.serving = worker
      .whileHolding(SLOT, (lost) => this.serve(lost))
      .catch((error: unknown) => {
        this.notBeforeMs = Date.now() + this.pace.nextMs();
        log.warn({ err: error }, 'gateways are not heard');
      })
      .then(() => {
        this.isServing = false;
      });
  }

  /** Until the lock is lost or all ends: then the lock is held until the last acknowledgements are sent. */
  private async serve(lost: AbortSignal): Promise<void> {
    const { broker, log, memories, sessions } = this.options;
    // Another worker may have heard them until now.
    await memories.load();
    await sessions.load();
    const subscribed = this.topics.wanted.join();
    const session = await Session.start({
      login: broker.login,
      clientId: CLIENT_ID,
      filters: () => this.topics.wanted,
      formerFilters: () => this.topics.unwanted,
      log,
      onDelivery: (delivery) => this.take(delivery),
      isOverfull: () => this.options.isOverfull(),
    });
    this.session = session;
    this.pace.reset();
    log.info('gateways are heard by this worker');
    try {
      await this.follow({ session, subscribed }, AbortSignal.any([lost, this.stopping.signal]));
      if (!lost.aborted) await aborted(AbortSignal.any([lost, this.leaving.signal]));
    } finally {
      await session.close();
      this.session = null;
    }
  }

  /** Hears gateways that are new, and those no more that are closed. */
  private async follow(given: { session: Session; subscribed: string }, ended: AbortSignal): Promise<void> {
    let current = given.subscribed;
    while (!ended.aborted) {
      const wanted = this.topics.wanted.join();
      if (wanted !== current) await given.session.resubscribe();
      current = wanted;
      await delay(LOOK_MS, undefined, { signal: ended }).catch(() => undefined);
    }
  }

  private take(delivery: Delivery): void {
    const { topic, payload, messageId, isRedelivery, isReplay } = delivery;
    const owner = this.topics.ownerOf(topic);
    if (typeof owner === 'string') return this.refuse(delivery, owner);
    this.foreign.take({
      session: { deviceKey: owner.key, allowance: this.allowance },
      clientName: owner.publicId,
      topic,
      payload,
      qos: messageId === undefined ? 0 : 1,
      isRedelivery,
      isReplay,
      messageId,
      done: (error) => delivery.done(error),
    });
  }

  private refuse(delivery: Delivery, owner: Exclude<TopicOwner, object>): void {
    const reason = owner === 'several' ? 'several gateways have this topic' : 'no gateway has this topic';
    const rejection = reject('topic_not_allowed', `${reason}: each needs a beginning of its own`);
    this.options.committer.take({ ...refused(delivery, rejection), done: (error) => delivery.done(error) });
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
