import { Aedes, type AedesOptions, type Client, type PublishPacket } from 'aedes';
import { Readable } from 'node:stream';

type Done = (error?: Error) => void;

/** Parts of the persistence in memory; the conformance tests guard them. */
interface Persistence {
  subscriptionsByClient(client: { id: string }): Promise<{ topic: string; qos: number }[]>;
  outgoingStream(client: Client): AsyncIterable<PublishPacket>;
}

/** Never granted: a session without any subscription is a session all the same [MQTT-3.2.2-2]. */
const NO_SUBSCRIPTION = { topic: '$none', qos: 0 };

/**
 * aedes that forwards a client's message only when told to. Usage has no subscribers, so routing it would be wasted; a
 * message on a topic that is not the device's own is acknowledged but goes nowhere [MQTT-3.3.5-2].
 */
export class UsageBroker extends Aedes {
  private readonly resumed = new Set<string>();
  private readonly forwarded = new WeakSet<PublishPacket>();

  static async start(options: AedesOptions): Promise<UsageBroker> {
    const broker = new UsageBroker(options);
    await broker.listen();
    broker.mendPersistence();
    return broker;
  }

  /** Told at each log-in, before the session is looked up. */
  noteSession(clientName: string, isResumed: boolean): void {
    if (isResumed) this.resumed.add(clientName);
    else this.resumed.delete(clientName);
  }

  /** aedes takes a session for none when it has no subscription, and sends again without DUP [MQTT-3.3.1-1]. */
  private mendPersistence(): void {
    const { persistence } = this as unknown as { persistence: Persistence };
    const subscriptionsOf = persistence.subscriptionsByClient.bind(persistence);
    persistence.subscriptionsByClient = async (client) => {
      const found = await subscriptionsOf(client);
      return found.length === 0 && this.resumed.has(client.id) ? [NO_SUBSCRIPTION] : found;
    };
    const outgoingOf = persistence.outgoingStream.bind(persistence);
    persistence.outgoingStream = (client) => markRepeats(outgoingOf(client));
  }

  /** Lets this message through to subscribers and, if it asks for it, the retained messages. */
  forward(packet: PublishPacket): void {
    this.forwarded.add(packet);
  }

  isForwarded(packet: PublishPacket): boolean {
    return this.forwarded.has(packet);
  }

  /** Sends a client's message that did not come through aedes. */
  send(packet: PublishPacket, client: Client): void {
    this.forward(packet);
    this.publish(packet, client, () => undefined);
  }

  /** Called by aedes for each message of a client after its acknowledgement, and without a client for its own topics. */
  override publish(packet: PublishPacket, client: Client | null | Done, done?: Done): void {
    const publish = super.publish.bind(this) as (
      packet: PublishPacket,
      client: Client | null | Done,
      done?: Done,
    ) => void;
    if (typeof client === 'function' || client === null || this.forwarded.has(packet)) publish(packet, client, done);
    else done?.();
  }
}

/** What has a packet identifier was sent before. */
function markRepeats(packets: AsyncIterable<PublishPacket>): Readable {
  return Readable.from(
    (async function* () {
      for await (const packet of packets) {
        yield packet.cmd === 'publish' && packet.messageId ? Object.assign(packet, { dup: true }) : packet;
      }
    })(),
  );
}
