import { matchesFilter } from '#telemetry';
import type { AedesPublishPacket, Client } from 'aedes';

/** A part of the pinned aedes that its types leave out. */
interface Subscribed {
  readonly subscriptions: Readonly<Record<string, { readonly qos: number }>>;
}

/**
 * A message as its receiver may get it: at most at the quality of service granted [MQTT-3.3.5-1]. aedes looks only for a
 * filter that equals the topic, and would send QoS 2 to who asked for QoS 1 by a wildcard.
 */
export function asGranted(client: Client, packet: AedesPublishPacket): AedesPublishPacket {
  const { subscriptions } = client as unknown as Subscribed;
  const granted = Object.entries(subscriptions).filter(([filter]) => matchesFilter(packet.topic, filter));
  if (granted.length === 0) return packet;
  const qos = Math.min(packet.qos, Math.max(...granted.map(([, { qos: most }]) => most)));
  return Object.assign(packet, { qos });
}
