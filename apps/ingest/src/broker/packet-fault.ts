import { isUtf8 } from 'node:buffer';

/** What is wrong with a packet; a CONNECT of another protocol level is told so with its return code. */
export interface PacketFault {
  readonly reason: string;
  readonly returnCode?: 1;
}

const TYPE = { connect: 1, publish: 3, puback: 4, pubrec: 5, pubrel: 6, pubcomp: 7, subscribe: 8, unsubscribe: 10 };
const [PINGREQ, DISCONNECT] = [12, 14];
const FLAG = { reserved: 0x01, will: 0x04, willQos: 0x18, willRetain: 0x20, password: 0x40, username: 0x80 };

/** No wildcard [MQTT-3.3.2-2], not empty [MQTT-4.7.3-1], not too deep for the routing. */
const TOPIC_NAME = /^(?!(?:[^/]*\/){20})[^+#]+$/;

/** A topic to publish on, null when the bytes are none. */
export function topicName(bytes: Buffer | null): string | null {
  const name = textOf(bytes);
  return name !== null && TOPIC_NAME.test(name) ? name : null;
}

/** Null unless it is well-formed UTF-8 [MQTT-1.5.3-1] without U+0000 [MQTT-1.5.3-2]. */
function textOf(bytes: Buffer | null): string | null {
  return bytes !== null && isUtf8(bytes) && !bytes.includes(0) ? bytes.toString() : null;
}

/**
 * What makes a whole packet malformed, null when nothing does. aedes' parser lets much of this through: it reads over the
 * end of a packet into the next one, takes ill-formed text and packet identifier 0, and obeys what only a server sends.
 */
export function packetFault(packet: Buffer, bodyAt: number): PacketFault | null {
  const first = packet[0] ?? 0;
  const fields = new Fields(packet, bodyAt);
  const fault = faultOf(first, fields);
  if (fault !== null) return typeof fault === 'string' ? { reason: fault } : fault;
  if (fields.isShort) return { reason: 'a packet that ends within a field' };
  return fields.isAtEnd ? null : { reason: 'a packet with more bytes than its fields' };
}

function faultOf(first: number, fields: Fields): PacketFault | string | null {
  const flags = first & 0x0f;
  switch (first >> 4) {
    case TYPE.connect:
      return flags === 0 ? connectFault(fields) : 'a CONNECT with flags [MQTT-2.2.2-2]';
    case TYPE.publish:
      return publishFault(flags, fields);
    case TYPE.puback:
    case TYPE.pubrec:
    case TYPE.pubcomp:
      return flags === 0 ? idFault(fields) : 'an acknowledgement with flags [MQTT-2.2.2-2]';
    case TYPE.pubrel:
      return flags === 2 ? idFault(fields) : 'a PUBREL with other flags than 0010 [MQTT-3.6.1-1]';
    case TYPE.subscribe:
      return flags === 2 ? filtersFault(fields, true) : 'a SUBSCRIBE with other flags than 0010 [MQTT-3.8.1-1]';
    case TYPE.unsubscribe:
      return flags === 2 ? filtersFault(fields, false) : 'an UNSUBSCRIBE with other flags than 0010 [MQTT-3.10.1-1]';
    case PINGREQ:
    case DISCONNECT:
      return flags === 0 ? null : 'a packet with reserved flags [MQTT-2.2.2-2]';
    default:
      return 'a packet that no client sends [MQTT-4.8.0-1]';
  }
}

function connectFault(fields: Fields): PacketFault | string | null {
  const name = fields.text();
  const level = fields.byte();
  if (name !== 'MQTT' && name !== 'MQIsdp') return 'another protocol [MQTT-3.1.2-1]';
  if (name === 'MQTT' && level === 5) return fields.skip(); // answered in MQTT 5's own words
  if (level !== (name === 'MQTT' ? 4 : 3)) return { reason: `protocol level ${level} [MQTT-3.1.2-2]`, returnCode: 1 };
  const flags = fields.byte();
  const fault = connectFlagsFault(flags);
  if (fault !== null) return fault;
  fields.number(); // keep alive
  if (fields.text() === null) return 'a client id that is no text [MQTT-3.1.3-4]';
  if (flags & FLAG.will) {
    if (topicName(fields.bytes()) === null) return 'a will to a topic that is none [MQTT-3.1.3-10]';
    fields.bytes();
  }
  if (flags & FLAG.username && fields.text() === null) return 'a user name that is no text [MQTT-3.1.3-11]';
  if (flags & FLAG.password) fields.bytes();
  return null;
}

function connectFlagsFault(flags: number): string | null {
  if (flags & FLAG.reserved) return 'the reserved flag is set [MQTT-3.1.2-3]';
  if ((flags & FLAG.willQos) === FLAG.willQos) return 'a will of QoS 3 [MQTT-3.1.2-14]';
  if (!(flags & FLAG.will) && flags & (FLAG.willQos | FLAG.willRetain))
    return 'flags of a will but none [MQTT-3.1.2-11]';
  if (flags & FLAG.password && !(flags & FLAG.username)) return 'a password but no user name [MQTT-3.1.2-22]';
  return null;
}

function publishFault(flags: number, fields: Fields): string | null {
  const qos = (flags >> 1) & 3;
  if (qos === 3) return 'a PUBLISH of QoS 3 [MQTT-3.3.1-4]';
  if (qos === 0 && flags & 0x08) return 'a PUBLISH of QoS 0 with DUP [MQTT-3.3.1-2]';
  if (topicName(fields.bytes()) === null) return 'a PUBLISH to a topic that is none [MQTT-3.3.2-1]';
  const fault = qos === 0 ? null : idFault(fields);
  return fault ?? fields.skip();
}

function idFault(fields: Fields): string | null {
  return fields.number() === 0 ? 'packet identifier 0 [MQTT-2.3.1-1]' : null;
}

function filtersFault(fields: Fields, withQos: boolean): string | null {
  const fault = idFault(fields);
  if (fault !== null) return fault;
  if (fields.isAtEnd) return 'no topic filter [MQTT-3.8.3-3] [MQTT-3.10.3-2]';
  while (!fields.isAtEnd && !fields.isShort) {
    if (!fields.text()) return 'a topic filter that is none [MQTT-3.8.3-1] [MQTT-4.7.3-1]';
    if (withQos && fields.byte() > 2) return 'a QoS that is none [MQTT-3-8.3-4]';
  }
  return null;
}

/** Reads a body field by field; past its end everything is 0 or null, and `isShort` says so. */
class Fields {
  isShort = false;

  constructor(
    private readonly packet: Buffer,
    private at: number,
  ) {}

  get isAtEnd(): boolean {
    return this.at === this.packet.length;
  }

  byte(): number {
    return this.take(1)?.[0] ?? 0;
  }

  number(): number {
    return this.take(2)?.readUInt16BE(0) ?? 0;
  }

  bytes(): Buffer | null {
    return this.take(this.number());
  }

  /** Null when it is no text. */
  text(): string | null {
    return textOf(this.bytes());
  }

  /** The rest is payload. */
  skip(): null {
    this.at = this.isShort ? this.at : this.packet.length;
    return null;
  }

  private take(length: number): Buffer | null {
    const end = this.at + length;
    if (this.isShort || end > this.packet.length) {
      this.isShort = true;
      return null;
    }
    const taken = this.packet.subarray(this.at, end);
    this.at = end;
    return taken;
  }
}
