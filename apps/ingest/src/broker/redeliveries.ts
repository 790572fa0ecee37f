import { messageKey } from '#telemetry';
import { randomBytes } from 'node:crypto';
import type { Publication } from './publication.js';

/** What a redelivery is told by. */
type Delivery = Pick<Publication, 'clientName' | 'topic' | 'payload' | 'isRedelivery' | 'messageId'>;

/** The first receipt of a message, for its redelivery. */
export interface Receipt {
  readonly name: string;
  readonly receivedAtMs: number;
}

interface Remembered extends Receipt {
  readonly contentName: string;
}

/** Few messages need their receipt's name: it is made when asked for. */
class NewReceipt implements Receipt {
  constructor(
    private readonly prefix: string,
    private readonly count: number,
    readonly receivedAtMs: number,
  ) {}

  get name(): string {
    return this.prefix + this.count;
  }
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

  /** The receipt of a message: the earlier one when it is a redelivery, else a new one. */
  receiptOf(delivery: Delivery): Receipt {
    if (delivery.isRedelivery) {
      const known = this.sessions.get(delivery.clientName)?.get(delivery.messageId ?? 0);
      if (known && known.contentName === contentName(delivery)) return known;
    }
    this.count += 1;
    return new NewReceipt(this.prefix, this.count, Date.now());
  }

  /** Keeps a receipt for the case that the message comes again. */
  remember(delivery: Delivery, { name, receivedAtMs }: Receipt): void {
    const { clientName, messageId } = delivery;
    if (messageId === undefined) return;
    const receipts = this.sessions.get(clientName) ?? new Map<number, Remembered>();
    this.sessions.set(clientName, receipts);
    receipts.set(messageId, { name, receivedAtMs, contentName: contentName(delivery) });
    dropOldest(receipts, PER_SESSION);
    dropOldest(this.sessions, SESSIONS_MAX);
  }
}

function dropOldest(map: Map<unknown, unknown>, limit: number): void {
  if (map.size > limit) map.delete(map.keys().next().value);
}

function contentName({ topic, payload }: Delivery): string {
  const { high, low } = messageKey(`${topic}\n${payload.toString('latin1')}`);
  return `${high}:${low}`;
}
