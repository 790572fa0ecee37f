import { Aedes, type AedesOptions, type Client, type PublishPacket } from 'aedes';

type Done = (error?: Error) => void;

/**
 * aedes that forwards a client's message only when told to. Usage has no subscribers, so routing it would be wasted; a
 * message on a topic that is not the device's own is acknowledged but goes nowhere [MQTT-3.3.5-2].
 */
export class UsageBroker extends Aedes {
  private readonly forwarded = new WeakSet<PublishPacket>();

  static async start(options: AedesOptions): Promise<UsageBroker> {
    const broker = new UsageBroker(options);
    await broker.listen();
    return broker;
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
