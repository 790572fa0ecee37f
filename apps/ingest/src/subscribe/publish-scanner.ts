/** A message as a broker delivers it, MQTT 5. `payload` shares memory with what was read. */
export interface Delivery {
  readonly topic: string;
  readonly payload: Buffer;
  /** Undefined at QoS 0. */
  readonly messageId: number | undefined;
  /** Sent before over this session and not acknowledged. */
  readonly isRedelivery: boolean;
  /** Replayed from the broker's store at subscribing: no news. */
  readonly isReplay: boolean;
  /** The answer, set by whoever can give it: without an error it acknowledges, with one the message comes again. */
  done: (error?: Error) => void;
}

/** Where the packets of a stream go. */
export interface ScannerOptions {
  /** A longer packet than was allowed at CONNECT is an error. */
  readonly maxPacketBytes: number;
  onPublish(publish: Delivery): void;
  /** The bytes of one packet of any other type. */
  onOther(packet: Buffer): void;
}

const PUBLISH = 3;
const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Splits a stream of MQTT 5 packets and decodes the PUBLISH ones itself: they are all of the load, and a general parser
 * costs several times as much per packet. Throws what ends the connection: malformed or oversized packets.
 */
export class PublishScanner {
  private rest = NOTHING;

  constructor(private readonly options: ScannerOptions) {}

  feed(chunk: Buffer): void {
    const bytes = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk;
    let at = 0;
    for (;;) {
      const bodyAt = afterInteger(bytes, at + 1);
      if (bodyAt === 0) break;
      const endsAt = bodyAt + integerAt(bytes, at + 1);
      if (endsAt - at > this.options.maxPacketBytes)
        throw new Error(`the broker sent a packet of ${endsAt - at} bytes`);
      if (endsAt > bytes.length) break;
      if ((bytes[at] ?? 0) >> 4 === PUBLISH) this.options.onPublish(decodePublish(bytes, { at, bodyAt, endsAt }));
      else this.options.onOther(bytes.subarray(at, endsAt));
      at = endsAt;
    }
    this.rest = at < bytes.length ? bytes.subarray(at) : NOTHING;
  }
}

/** Where a variable byte integer [MQTT5-1.5.5] ends; 0 while it is not complete. */
function afterInteger(bytes: Buffer, from: number): number {
  for (let at = from; at < from + 4; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) return 0;
    if (byte < 128) return at + 1;
  }
  throw new Error('the broker sent a malformed length');
}

/** The value of a complete variable byte integer. */
function integerAt(bytes: Buffer, from: number): number {
  let value = 0;
  for (let at = from, factor = 1; ; at += 1, factor *= 128) {
    const byte = bytes[at] ?? 0;
    value += (byte & 127) * factor;
    if (byte < 128) return value;
  }
}

const nobodyAnswers = (): void => undefined;

interface Bounds {
  readonly at: number;
  readonly bodyAt: number;
  readonly endsAt: number;
}

/** [MQTT5-3.3]; properties are skipped: topic aliases were not offered, and nothing else in them matters here. */
function decodePublish(bytes: Buffer, { at, bodyAt, endsAt }: Bounds): Delivery {
  const flags = bytes[at] ?? 0;
  const qos = (flags >> 1) & 3;
  if (qos > 1) throw new Error('the broker sent a message at a QoS that was not subscribed');
  const topicAt = bodyAt + 2;
  const topicEnd = topicAt + (bodyAt + 2 <= endsAt ? bytes.readUInt16BE(bodyAt) : 0);
  const propertiesAt = topicEnd + 2 * qos;
  const lengthEnd = afterInteger(bytes, propertiesAt);
  const payloadAt = lengthEnd + integerAt(bytes, propertiesAt);
  if (lengthEnd === 0 || payloadAt > endsAt) throw new Error('the broker sent a malformed message');
  return {
    topic: bytes.toString('utf8', topicAt, topicEnd),
    payload: bytes.subarray(payloadAt, endsAt),
    messageId: qos === 1 ? bytes.readUInt16BE(topicEnd) : undefined,
    isRedelivery: (flags & 8) !== 0,
    isReplay: (flags & 1) !== 0,
    done: nobodyAnswers,
  };
}
