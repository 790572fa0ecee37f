import { reject } from '#telemetry';
import { Redeliveries } from './broker/redeliveries.js';
import { channelOf } from './broker/topics.js';
import type { Publication } from './broker/broker.js';
import type { Counters } from './counters.js';
import type { Custody } from './custody.js';
import { receive, rejected, type Decoded, type Received } from './receive.js';
import type { Committer } from './record/committer.js';

/** What taking publications needs. */
export interface PublicationOptions {
  readonly custody: Custody;
  readonly committer: Committer;
  readonly counters: Counters;
  keptFromMs(): number;
}

const NOTHING = Buffer.alloc(0);

/** From the broker to the committer: who sent it, on which topic, within which allowance. */
export class Publications {
  private readonly redeliveries = new Redeliveries();

  constructor(private readonly options: PublicationOptions) {}

  take(publication: Publication): void {
    const { session, packet } = publication;
    const channel = channelOf(packet.topic, session.publicId);
    const device = this.options.custody.deviceByKey(session.deviceKey);
    if (!device) return publication.done(new Error('the device is unknown'));
    if (channel === 'response') return passOn(publication);
    const { received, remember } = this.describe(publication, { device, channel });
    const decoded = receive(received);
    if (decoded.repeatsNotDetectable) remember();
    this.spend(publication, { received, decoded });
  }

  private describe(
    { client, packet }: Publication,
    { device, channel }: Pick<Received, 'device' | 'channel'>,
  ): { received: Received; remember: () => void } {
    const receipt = this.redeliveries.receiptOf(client.id, packet);
    const { topic } = packet;
    const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload);
    const window = { receivedAtMs: receipt.receivedAtMs, keptFromMs: this.options.keptFromMs() };
    const remember = (): void => this.redeliveries.remember(client.id, packet, receipt);
    const received = { device, channel, clientName: client.id, topic, payload, receiptName: receipt.name, window };
    return { received, remember };
  }

  /** Over its allowance a publisher is slowed by a late acknowledgement; without one (QoS 0) it is refused. */
  private spend(publication: Publication, { received, decoded }: { received: Received; decoded: Decoded }): void {
    const { session, packet } = publication;
    if (packet.qos === 0 && session.allowance.isSpent) {
      const limited = rejected(received, reject('rate_limited', 'the device sends faster than it may'));
      return this.commit(publication, limited);
    }
    const cost = Math.max(1, decoded.drafts.length + decoded.rejections.length);
    const waits = session.allowance.spend(cost, () => this.commit(publication, decoded));
    if (waits) this.options.counters.slowedMessages += 1;
  }

  private commit({ packet, forward, done }: Publication, decoded: Decoded): void {
    const settle = (error?: Error): void => {
      if (decoded.state && !error) forward();
      // aedes keeps a QoS 2 message until its PUBREL; its content is no longer needed.
      else packet.payload = NOTHING;
      done(error);
    };
    this.options.committer.take({ ...decoded, done: settle });
  }
}

/** An answer to a command is for whoever sent the command: nothing is stored. */
function passOn({ packet, forward, done }: Publication): void {
  packet.retain = false;
  forward();
  done();
}

/** The entry of a log-in under a name that no device has. */
export function unknownDeviceEntry(username: string): Parameters<Committer['take']>[0] {
  return {
    device: null,
    clientName: username,
    topic: '',
    payload: NOTHING,
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
