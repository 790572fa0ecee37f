import { upwardTopic } from '#contracts';
import type { Client } from 'aedes';
import type { CachedCredential } from '../custody.js';
import type { Limits } from '../limits.js';
import type { Principal } from './authentication.js';
import { Allowance } from './rate.js';

/** A device's live connection. */
export interface Session {
  readonly deviceKey: number;
  readonly publicId: string;
  /** The topic of nearly all its messages, also as it stands on the wire. */
  readonly usageTopic: string;
  readonly usageTopicBytes: Buffer;
  readonly credential: CachedCredential;
  readonly address: string;
  readonly allowance: Allowance;
  /** The topic filters that it holds. */
  readonly filters: Set<string>;
  /** Whether the broker kept the session from an earlier connection [MQTT-3.2.2-2]. */
  readonly isResumed: boolean;
}

/** What one device holds at the broker, over all its connections. */
interface DeviceSeat {
  readonly clients: Set<Client>;
  readonly durableSessions: Set<string>;
  readonly allowance: Allowance;
}

/** Who is connected, and whether one more may be. */
export class Connections {
  private readonly byClient = new WeakMap<Client, Session>();
  private readonly seats = new Map<number, DeviceSeat>();
  private readonly perAddress = new Map<string, number>();
  private total = 0;

  constructor(private readonly limits: Limits) {}

  /** Counts a new connection; false when there are too many in all or from its address. */
  enter(address: string): boolean {
    const fromAddress = this.perAddress.get(address) ?? 0;
    if (this.total >= this.limits.connections) return false;
    if (fromAddress >= this.limits.connectionsPerAddress && !isLoopback(address)) return false;
    this.total += 1;
    this.perAddress.set(address, fromAddress + 1);
    return true;
  }

  leave(address: string): void {
    this.total -= 1;
    const left = (this.perAddress.get(address) ?? 1) - 1;
    if (left > 0) this.perAddress.set(address, left);
    else this.perAddress.delete(address);
  }

  /** Seats a device's client; the reason when it has too many connections or durable sessions. */
  seat(client: Client, given: { device: Principal; credential: CachedCredential; address: string }): string | null {
    const { key, publicId } = given.device;
    const seat = this.seatOf(key);
    const { connectionsPerDevice, sessionsPerDevice } = this.limits;
    if (seat.clients.size >= connectionsPerDevice) return `at most ${connectionsPerDevice} connections a device`;
    const isNewSession = !client.clean && !seat.durableSessions.has(client.id);
    if (isNewSession && seat.durableSessions.size >= sessionsPerDevice) {
      return `at most ${sessionsPerDevice} durable sessions a device`;
    }
    // A clean session ends the durable one of the same name [MQTT-3.1.2-6].
    if (client.clean) seat.durableSessions.delete(client.id);
    else seat.durableSessions.add(client.id);
    seat.clients.add(client);
    const { credential, address } = given;
    const { allowance } = seat;
    const usageTopic = upwardTopic(publicId, 'usage');
    const topics = { usageTopic, usageTopicBytes: Buffer.from(usageTopic) };
    this.byClient.set(client, {
      deviceKey: key,
      publicId,
      ...topics,
      credential,
      address,
      allowance,
      filters: new Set(),
      isResumed: !client.clean && !isNewSession,
    });
    return null;
  }

  /** Called when a client's connection is gone; true when the device has no other. */
  unseat(client: Client): boolean {
    const session = this.byClient.get(client);
    const seat = session && this.seats.get(session.deviceKey);
    return seat !== undefined && seat.clients.delete(client) && seat.clients.size === 0;
  }

  isResumed(client: Client): boolean {
    return this.byClient.get(client)?.isResumed ?? false;
  }

  sessionOf(client: Client): Session | undefined {
    return this.byClient.get(client);
  }

  clientsOf(deviceKey: number): Client[] {
    return [...(this.seats.get(deviceKey)?.clients ?? [])];
  }

  /** Every live client with its session. */
  *live(): Generator<[Client, Session]> {
    for (const { clients } of this.seats.values()) {
      for (const client of clients) {
        const session = this.byClient.get(client);
        if (session) yield [client, session];
      }
    }
  }

  private seatOf(deviceKey: number): DeviceSeat {
    const known = this.seats.get(deviceKey);
    if (known) return known;
    const { usagesPerSecond, usagesAtOnce } = this.limits;
    const allowance = new Allowance(usagesPerSecond, usagesAtOnce);
    const seat = { clients: new Set<Client>(), durableSessions: new Set<string>(), allowance };
    this.seats.set(deviceKey, seat);
    return seat;
  }
}

/** Whoever opens sockets on this machine is past what a limit per address is for; a proxy's clients share one address. */
function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');
}
