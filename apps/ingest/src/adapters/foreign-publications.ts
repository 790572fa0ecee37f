import { ADAPTERS, reject } from '#telemetry';
import type { Publication } from '../broker/publication.js';
import { Redeliveries, type Receipt } from '../broker/redeliveries.js';
import type { Counters } from '../counters.js';
import type { Custody, Device } from '../custody.js';
import { receive } from '../receive.js';
import type { Committer } from '../record/committer.js';
import type { Entry } from '../record/entry.js';
import type { AdapterSessions, SenderStep } from './adapter-sessions.js';
import { adapt, type Adapted, type ForeignMessage, type Known } from './adapt.js';
import type { GatewaySignals } from './gateway-signals.js';
import type { Gateways } from './gateways.js';
import type { MappingMemories } from './mapping-memories.js';

/** What taking foreign publications needs. */
export interface ForeignOptions {
  readonly custody: Custody;
  readonly gateways: Gateways;
  readonly memories: MappingMemories;
  readonly sessions: AdapterSessions;
  readonly signals: GatewaySignals;
  readonly committer: Committer;
  readonly counters: Counters;
  keptFromMs(): number;
  /** Sends to the clients of a login that have asked for the topic. */
  send(loginKey: number, message: { readonly topic: string; readonly payload: Buffer }): void;
}

/** A message as the embedded broker or an external one hands it over. */
export type ForeignPublication = Omit<Publication, 'session' | 'channel' | 'forward'> & {
  readonly session: Pick<Publication['session'], 'deviceKey' | 'allowance'>;
  /** A broker's copy of what it had kept: remembered, but nothing has happened now. */
  readonly isReplay?: boolean;
};

/** Messages in other systems' words, from the broker to the committer: one in, one or several entries out. */
export class ForeignPublications {
  private readonly redeliveries = new Redeliveries();
  private readonly known: Known;

  constructor(private readonly options: ForeignOptions) {
    const { custody, gateways, memories, sessions } = options;
    this.known = {
      deviceByKey: (key) => custody.deviceByKey(key),
      rulesOf: (key, ecosystem) => gateways.rulesOf(key, ecosystem),
      ecosystemsOf: (key) => gateways.ecosystemsOf(key),
      memoryOf: (key) => memories.of(key),
      sessionOf: (key, sender) => sessions.of(key, sender),
    };
  }

  /** False when the message is no foreign one: the native path says what is wrong with it. */
  take(publication: ForeignPublication): boolean {
    const client = this.clientOf(publication);
    if (!client) return false;
    const receipt = this.redeliveries.receiptOf(publication);
    const { topic, payload } = publication;
    const message = { client, topic, payload, receivedAtMs: receipt.receivedAtMs, receipt };
    const found = adapt(message, this.known);
    if (!found) return false;
    const adapted = publication.isReplay ? { ...found, parts: [], rejections: [] } : found;
    this.redeliveries.remember(publication, receipt);
    this.note(message, adapted);
    if (adapted.step) this.follow(adapted.step, receipt.receivedAtMs);
    this.spend(publication, { adapted, receipt });
    return true;
  }

  private clientOf({ session: { deviceKey } }: ForeignPublication): ForeignMessage['client'] | null {
    const { custody, gateways } = this.options;
    if (deviceKey < 0) {
      const gateway = gateways.gatewayByKey(deviceKey);
      return gateway ? { gateway } : null;
    }
    const device = custody.deviceByKey(deviceKey);
    return device && gateways.ecosystemsOf(deviceKey).length > 0 ? { device } : null;
  }

  private note({ client, receivedAtMs }: ForeignMessage, { strangers }: Adapted): void {
    if (!('gateway' in client)) return;
    const gatewayKey = -client.gateway.key;
    this.options.signals.noteMessage(gatewayKey, receivedAtMs);
    for (const name of strangers) this.options.signals.noteHeard(gatewayKey, name, receivedAtMs);
  }

  /** Also of a message that is then refused for its pace: what it says of the session is so. */
  private follow(step: SenderStep, nowMs: number): void {
    const isToBeAsked = this.options.sessions.advance(step, nowMs);
    const { sessions } = ADAPTERS[step.ecosystem];
    if (isToBeAsked && sessions) this.options.send(step.loginKey, sessions.askAnew(step.sender, nowMs));
  }

  /** As on the native path: over its allowance a publisher is slowed, or refused at QoS 0. */
  private spend(publication: ForeignPublication, taken: { adapted: Adapted; receipt: Receipt }): void {
    const { allowance } = publication.session;
    const entries = this.entriesOf(publication, taken);
    const cost = entries.reduce((sum, { drafts, rejections }) => sum + drafts.length + rejections.length, 0);
    const isTaken = allowance.spend(Math.max(1, cost));
    if (!isTaken && publication.qos === 0) return this.refuse(publication, taken.receipt);
    const settle = this.options.memories.advance(taken.adapted.memories);
    const commit = (): void => this.commit(publication, entries, settle);
    if (isTaken) return commit();
    this.options.counters.slowedMessages += 1;
    allowance.queue(Math.max(1, cost), commit);
  }

  private refuse(publication: ForeignPublication, { receivedAtMs }: Receipt): void {
    const rejections = [reject('rate_limited', 'the client sends faster than it may')];
    this.commit(publication, [{ ...emptyEntry(publication, null, receivedAtMs), rejections }], () => undefined);
  }

  /** Acknowledged when the last of them is committed; the committer keeps their order [MQTT-4.6.0-2]. */
  private commit(publication: ForeignPublication, entries: readonly Entry[], settle: (error?: Error) => void): void {
    let waiting = entries.length;
    let failure: Error | undefined;
    const done = (error?: Error): void => {
      failure ??= error;
      waiting -= 1;
      if (waiting > 0) return;
      settle(failure);
      publication.done(failure);
    };
    for (const entry of entries) this.options.committer.take({ ...entry, done });
  }

  private entriesOf(
    publication: ForeignPublication,
    { adapted, receipt }: { adapted: Adapted; receipt: Receipt },
  ): Entry[] {
    const { clientName, topic, payload } = publication;
    const window = { receivedAtMs: receipt.receivedAtMs, keptFromMs: this.options.keptFromMs() };
    const entries = adapted.parts.map(({ device, channel, payload: native }, index) => {
      const named = new PartReceipt(receipt, index);
      const entry = receive({ device, channel, clientName, topic, payload: native, receipt: named, window });
      return inSourceWords(entry, payload, adapted.repeatsNotDetectable);
    });
    const refused = Map.groupBy(adapted.rejections, ({ device }) => device);
    for (const [device, rejections] of refused) {
      const entry = emptyEntry(publication, device, receipt.receivedAtMs);
      entries.push({ ...entry, rejections: rejections.map(({ rejection }) => rejection) });
    }
    // Also what says nothing takes its turn, so that acknowledgements stay in order.
    return entries.length > 0 ? entries : [emptyEntry(publication, null, receipt.receivedAtMs)];
  }
}

/** Each part has a name of its own, made when asked for. */
class PartReceipt {
  constructor(
    private readonly whole: Receipt,
    private readonly index: number,
  ) {}

  get name(): string {
    return `${this.whole.name}.${this.index}`;
  }
}

/** A reject shows what was sent, not what it was turned into, whose elements nobody has written. */
function inSourceWords(entry: Entry, payload: Buffer, repeatsNotDetectable: boolean): Entry {
  return {
    ...entry,
    payload,
    drafts: entry.drafts.map((draft) => ({ ...draft, element: null })),
    rejections: entry.rejections.map((rejection) => ({ ...rejection, element: null })),
    repeatsNotDetectable: entry.repeatsNotDetectable || repeatsNotDetectable,
  };
}

function emptyEntry(
  { clientName, topic, payload }: ForeignPublication,
  device: Device | null,
  receivedAtMs: number,
): Entry {
  const nothing = { drafts: [], rejections: [], state: null, health: null, droppedAttributes: 0 };
  const done = (): void => undefined;
  return { device, clientName, topic, payload, receivedAtMs, ...nothing, repeatsNotDetectable: false, done };
}
