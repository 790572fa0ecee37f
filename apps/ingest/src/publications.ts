import { reject } from '#telemetry';
import type { ForeignPublications } from './adapters/foreign-publications.js';
import type { Publication } from './broker/publication.js';
import { Redeliveries } from './broker/redeliveries.js';
import type { Counters } from './counters.js';
import type { Custody } from './custody.js';
import { receive, rejected, type Received } from './receive.js';
import type { Committer } from './record/committer.js';
import type { Entry } from './record/entry.js';

/** What taking publications needs. */
export interface PublicationOptions {
  readonly custody: Custody;
  readonly committer: Committer;
  readonly counters: Counters;
  /** Takes what is on no topic of the device's own, or comes from a gateway. */
  readonly foreign: ForeignPublications;
  keptFromMs(): number;
}

/** From the broker to the committer: who sent it, on which topic, within which allowance. */
export class Publications {
  private readonly redeliveries = new Redeliveries();

  constructor(private readonly options: PublicationOptions) {}

  take(publication: Publication): void {
    const { session, channel, clientName, topic, payload } = publication;
    const device = this.options.custody.deviceByKey(session.deviceKey);
    if ((channel === null || !device) && this.options.foreign.take(publication)) return;
    if (!device) return publication.done(new Error('the device is unknown'));
    const receipt = this.redeliveries.receiptOf(publication);
    const window = { receivedAtMs: receipt.receivedAtMs, keptFromMs: this.options.keptFromMs() };
    const received: Received = { device, channel, clientName, topic, payload, receipt, window };
    const entry = receive(received);
    if (entry.repeatsNotDetectable) this.redeliveries.remember(publication, receipt);
    this.spend(publication, received, entry);
  }

  /** Over its allowance a publisher is slowed by a late acknowledgement; without one (QoS 0) it is refused. */
  private spend(publication: Publication, received: Received, entry: Entry): void {
    const { allowance } = publication.session;
    const cost = Math.max(1, entry.drafts.length + entry.rejections.length);
    if (allowance.spend(cost)) return this.commit(publication, entry);
    if (publication.qos === 0) {
      const limited = rejected(received, reject('rate_limited', 'the device sends faster than it may'));
      return this.commit(publication, limited);
    }
    this.options.counters.slowedMessages += 1;
    allowance.queue(cost, () => this.commit(publication, entry));
  }

  private commit(publication: Publication, entry: Entry): void {
    const isForOthers = entry.state !== null || publication.channel === 'response';
    entry.done = isForOthers ? (error) => sendOn(publication, error) : publication.done;
    this.options.committer.take(entry);
  }
}

/** A state is for whoever asks the broker too, now or later; an answer to a command for whoever sent the command. */
function sendOn(publication: Publication, error?: Error): void {
  if (!error) publication.forward(publication.channel === 'state');
  publication.done(error);
}

/** The entry of a log-in under a name that no device has. */
export function unknownDeviceEntry(username: string): Entry {
  return {
    device: null,
    clientName: username,
    topic: '',
    payload: Buffer.alloc(0),
    receivedAtMs: Date.now(),
    drafts: [],
    rejections: [reject('unknown_device', 'a log-in under a name that no device has')],
    state: null,
    health: null,
    droppedAttributes: 0,
    repeatsNotDetectable: false,
    done: () => undefined,
  };
}
