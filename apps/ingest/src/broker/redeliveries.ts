import { messageKey } from '#telemetry';
import type { PublishPacket } from 'aedes';
import { randomBytes } from 'node:crypto';

/** The first receipt of a message, for its redelivery. */
export interface Receipt {
  readonly name: string;
  readonly receivedAtMs: number;
}

interface Remembered extends Receipt {
  readonly contentName: string;
}

const PER_SESSION = 256;
const SESSIONS_MAX = 10_000;

/**
 * Usages with neither id nor time are named by their receipt (rule U1): only a redelivery within the same session, with
 * the DUP flag, the same packet identifier and the same content, is told to be a repeat. In memory: across a crash such a
 * repeat counts twice, and the device is marked *repeats not detectable*.
 */
export class Redeliveries {
  private readonly sessions = new Map<string, Map<number, Remembered>>();
  private readonly prefix = randomBytes(9).toString('base64url');
  private count = 0;

  /** The receipt of a packet: the earlier one when it is a redelivery, else a new name. */
  receiptOf(session: string, packet: PublishPacket): Receipt {
    const known = packet.dup ? this.sessions.get(session)?.get(packet.messageId ?? 0) : undefined;
    if (known && known.contentName === contentName(packet)) return known;
    this.count += 1;
    return { name: `${this.prefix}${this.count}`, receivedAtMs: Date.now() };
  }

  /** Keeps a receipt for the case that the message comes again. */
  remember(session: string, packet: PublishPacket, receipt: Receipt): void {
    if (packet.qos === 0 || packet.messageId === undefined) return;
    const receipts = this.sessions.get(session) ?? new Map<number, Remembered>();
    this.sessions.set(session, receipts);
    receipts.set(packet.messageId, { ...receipt, contentName: contentName(packet) });
    dropOldest(receipts, PER_SESSION);
    dropOldest(this.sessions, SESSIONS_MAX);
  }
}

function dropOldest(map: Map<unknown, unknown>, limit: number): void {
  if (map.size > limit) map.delete(map.keys().next().value);
}

function contentName(packet: PublishPacket): string {
  const { high, low } = messageKey(`${packet.topic}\n${packet.payload.toString('latin1')}`);
  return `${high}:${low}`;
}
