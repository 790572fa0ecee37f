import { parseUpwardTopic, type UpwardChannel } from '#contracts';
import { reject, type Rejection } from '#telemetry';
import { Redeliveries } from '../broker/redeliveries.js';
import type { Custody, Device } from '../custody.js';
import { receive, rejected, type Received } from '../receive.js';
import type { Committer } from '../record/committer.js';
import type { Entry } from '../record/entry.js';
import type { Delivery } from './publish-scanner.js';

/** What taking deliveries needs. */
export interface DeliveriesOptions {
  readonly custody: Custody;
  readonly committer: Committer;
  keptFromMs(): number;
  /** A device said how it is, or its will did; not called for what a broker only replays. */
  onState(deviceKey: number, isOnline: boolean, receivedAtMs: number): void;
}

interface Route {
  readonly publicId: string;
  readonly channel: UpwardChannel;
}

const ROUTES_MAX = 100_000;
const MISSED_MAX = 10_000;
/**
 * No device waits for the commit here: the broker has acknowledged before. So messages are gathered for a moment; among
 * several workers batches would else be small, and a batch costs as much as hundreds of rows.
 */
const LINGER_MS = 50;
const ENOUGH = 1_000;
/** A name that custody did not know is not asked for again sooner. */
const MISSED_MS = 2_000;

/**
 * From an external broker's deliveries to the committer. The device is who the topic says: the broker's access rules
 * must have bound the topic to the log-in. Everything is taken in the order of arrival.
 */
export class Deliveries {
  private readonly redeliveries = new Redeliveries();
  private readonly routes = new Map<string, Route | null>();
  private readonly missed = new Map<string, number>();
  private readonly held: Delivery[] = [];
  private readonly gathered: Entry[] = [];
  private lingering: NodeJS.Timeout | null = null;

  constructor(private readonly options: DeliveriesOptions) {}

  /** Deliveries that wait to be told whose they are: the committer does not know of them yet. */
  get waiting(): number {
    return this.held.length;
  }

  take(delivery: Delivery): void {
    if (this.held.length === 0 && !this.isNewName(delivery.topic)) return this.pass(delivery);
    this.held.push(delivery);
    if (this.held.length === 1) void this.passAfterRefresh();
  }

  /** Hands over what is gathered, at once. What is still held stays unacknowledged: it comes again. */
  stop(): void {
    this.held.length = 0;
    this.flush();
  }

  private flush(): void {
    if (this.lingering) clearTimeout(this.lingering);
    this.lingering = null;
    this.gathered.splice(0).forEach((entry) => this.options.committer.take(entry));
  }

  /** A device that was registered a moment ago is in the database, but maybe not yet in the cache. */
  private isNewName(topic: string): boolean {
    const publicId = this.routeOf(topic)?.publicId;
    if (publicId === undefined || this.options.custody.deviceByPublicId(publicId)) return false;
    const missedAtMs = this.missed.get(publicId);
    return missedAtMs === undefined || Date.now() - missedAtMs > MISSED_MS;
  }

  /** What arrives meanwhile waits too, or it would be acknowledged out of order. */
  private async passAfterRefresh(): Promise<void> {
    try {
      await this.options.custody.refresh();
    } catch (cause) {
      const error = new Error('the database does not say who the device is', { cause });
      return this.held.splice(0).forEach(({ done }) => done(error));
    }
    for (const delivery of this.held.splice(0)) {
      this.noteMissed(delivery.topic);
      this.pass(delivery);
    }
  }

  private noteMissed(topic: string): void {
    const publicId = this.routeOf(topic)?.publicId;
    if (publicId === undefined || this.options.custody.deviceByPublicId(publicId)) return;
    if (this.missed.size >= MISSED_MAX) this.missed.clear();
    this.missed.set(publicId, Date.now());
  }

  /** Topics repeat: each is taken apart once. */
  private routeOf(topic: string): Route | null {
    const known = this.routes.get(topic);
    if (known !== undefined) return known;
    const parsed = parseUpwardTopic(topic);
    const route = parsed && { publicId: parsed.deviceId, channel: parsed.channel };
    if (this.routes.size >= ROUTES_MAX) this.routes.clear();
    this.routes.set(topic, route);
    return route;
  }

  private pass(delivery: Delivery): void {
    const route = this.routeOf(delivery.topic);
    const device = route && this.options.custody.deviceByPublicId(route.publicId);
    const entry = route && device ? this.decode(delivery, device, route) : refuse(delivery, route);
    const isNews = entry.state !== null && !delivery.isReplay;
    entry.done = isNews ? (error) => this.settleState(delivery, entry, error) : delivery.done;
    this.gather(entry);
  }

  private gather(entry: Entry): void {
    this.gathered.push(entry);
    if (this.gathered.length >= ENOUGH) this.flush();
    else this.lingering ??= setTimeout(() => this.flush(), LINGER_MS);
  }

  /** Receipts are kept per device, as the embedded broker does: a worker's session carries many devices. */
  private decode(delivery: Delivery, device: Device, { channel, publicId: clientName }: Route): Entry {
    const { topic, payload, isRedelivery, messageId } = delivery;
    const named = { clientName, topic, payload, isRedelivery, messageId };
    const receipt = this.redeliveries.receiptOf(named);
    const window = { receivedAtMs: receipt.receivedAtMs, keptFromMs: this.options.keptFromMs() };
    const received: Received = { device, channel, clientName, topic, payload, receipt, window };
    const entry = delivery.isReplay ? replayed(received) : receive(received);
    if (entry.repeatsNotDetectable) this.redeliveries.remember(named, receipt);
    return entry;
  }

  private settleState({ done }: Delivery, { device, state, receivedAtMs }: Entry, error?: Error): void {
    if (!error && device && state) this.options.onState(device.key, state.state === 'online', receivedAtMs);
    done(error);
  }
}

/** Why nobody's message is not taken. */
function refuse(delivery: Delivery, route: Route | null): Entry {
  const rejection = route
    ? reject('unknown_device', 'no device has the name in the topic')
    : reject('topic_not_allowed', 'the topic is none of the device contract');
  return { ...refused(delivery, rejection), clientName: route?.publicId ?? '' };
}

/** The entry of a message that is nobody's. */
export function refused({ topic, payload }: Delivery, rejection: Rejection): Entry {
  return { ...nothing(), topic, payload, rejections: [rejection] };
}

/** Acknowledged without a trace. */
function nothing(): Entry {
  return {
    device: null,
    clientName: '',
    topic: '',
    payload: Buffer.alloc(0),
    receivedAtMs: Date.now(),
    drafts: [],
    rejections: [],
    state: null,
    health: null,
    droppedAttributes: 0,
    repeatsNotDetectable: false,
    done: () => undefined,
  };
}

/**
 * A message that a broker replays from its store is not fresh: it counts at its own time. Of a state or health without
 * one, nothing new can be said; a usage without one would be told anew at every replay.
 */
function replayed(received: Received): Entry {
  const entry = receive(received);
  const report = entry.state ?? entry.health;
  if (report) return report.atMs < received.window.receivedAtMs ? { ...entry, receivedAtMs: report.atMs } : nothing();
  if (entry.drafts.every(({ ownAtMs }) => ownAtMs !== null)) return entry;
  return rejected(received, reject('schema', 'a retained usage needs a time of its own'));
}
