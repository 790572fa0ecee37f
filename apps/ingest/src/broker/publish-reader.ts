import type { Client } from 'aedes';
import type { Socket } from 'node:net';
import type { Backlog } from './backlog.js';
import type { Session } from './connections.js';
import { packetFault, topicName } from './packet-fault.js';
import type { Publication } from './publication.js';
import { channelOf } from './topics.js';

/** What a reader needs from around it. */
export interface ReaderOptions {
  readonly client: Client;
  readonly backlog: Backlog;
  readonly maxPacketBytes: number;
  sessionOf(client: Client): Session | undefined;
  isStopping(): boolean;
  onPublication(publication: Publication): void;
  /** Passes a message on to subscribers. */
  forward(client: Client, message: { topic: string; payload: Buffer; retain: boolean }): void;
}

/** The parts of the pinned aedes that are reached into; the conformance tests guard them. */
interface Inside {
  readonly connected: boolean;
  readonly _parser: { parse(bytes: Buffer): number };
  readonly _keepaliveTimer: { refresh(): void } | null;
  /** Packets that it has been given and has not done with. */
  _parsingBatch: number;
  /** Called when it has done with one. */
  _nextBatch: (error?: Error | null) => void;
  waitForDrain(done: (error: Error | null) => void): void;
}

const PUBLISH_QOS_1 = 0x32;
/** Packet type and QoS; DUP and RETAIN may be set or not. */
const TYPE_AND_QOS = 0xf6;
const DUP = 0x08;
const RETAIN = 0x01;
/** Parts of a packet that trickles in are joined when they are so many. */
const PARTS_MAX = 64;
/** CONNACK: unacceptable protocol version [MQTT-3.2.2.3]. */
const CONNACK_LEVEL_REFUSED = Buffer.from([0x20, 2, 0, 1]);
/** A client that has sent more than this and is not acknowledged yet is read on later. */
const UNSETTLED_BYTES_MAX = 262_144;

/**
 * Reads a client's bytes in aedes' place and takes the QoS 1 messages out: they are nearly all there is, and through
 * aedes each of them costs four times as much. Everything else, and everything before the log-in is done, goes on to
 * aedes packet by packet, unchanged and well-formed; while it is at work on one, nothing further is read. Acknowledgements
 * of one commit leave in one write, in the order of the messages [MQTT-4.6.0-2].
 */
export class PublishReader {
  private readonly inside: Inside;
  private readonly socket: Socket;
  /** Bytes of a packet that has not come whole, and how many it takes (0 = its length is not known yet). */
  private parts: Buffer[] = [];
  private partsBytes = 0;
  private neededBytes = 0;
  private settled: number[] = [];
  private unsettledBytes = 0;
  private isPaused = false;

  constructor(private readonly options: ReaderOptions) {
    this.inside = options.client as unknown as Inside;
    this.socket = options.client.conn as Socket;
    this.takeOver();
  }

  /** Chunks come as they are read: as `readable` each would wait for a turn of the loop. */
  private takeOver(): void {
    const { inside, socket } = this;
    socket.off('readable', inside._nextBatch);
    inside._parsingBatch = 0;
    inside._nextBatch = (error) => {
      if (error) return void this.options.client.emit('error', error);
      inside._parsingBatch = Math.max(0, inside._parsingBatch - 1);
      this.readOn();
    };
    socket.on('data', (chunk: Buffer) => this.read(chunk));
  }

  /** Sends the acknowledgements of everything settled since the last time. */
  flush(): void {
    const ids = this.settled;
    if (ids.length === 0) return;
    this.settled = [];
    if (this.options.client.closed) return;
    const hasRoom = this.socket.write(pubacks(ids));
    // What waits here for its commit is no silence of the client's [MQTT-3.1.2-24].
    this.inside._keepaliveTimer?.refresh();
    if (!hasRoom) this.waitForReader();
    this.readOn();
  }

  /**
   * Reads on if nothing stands in the way. Else it is called again: when aedes has done with a packet, by the next
   * acknowledgement while too much is this client's own, by the socket's drain, or by the backlog when there is room for
   * all.
   */
  readOn(): void {
    const { client, backlog } = this.options;
    if (!this.isPaused || client.closed || this.inside._parsingBatch > 0) return;
    if (this.unsettledBytes > UNSETTLED_BYTES_MAX / 2 || this.socket.writableNeedDrain) return;
    if (backlog.isFull) return backlog.whenRoom(this);
    this.isPaused = false;
    this.socket.resume();
  }

  private read(chunk: Buffer): void {
    if (this.options.isStopping()) return;
    const bytes = this.join(chunk);
    if (!bytes) return;
    let at = 0;
    while (at < bytes.length && !this.isGone) {
      const next = this.readPacket(bytes, at);
      if (next === null) {
        this.keep(bytes.subarray(at));
        break;
      }
      at = next;
    }
    this.pauseIfBusy();
  }

  /** Nothing behind a DISCONNECT or a protocol error is obeyed [MQTT-3.14.4-2] [MQTT-4.8.0-1]. */
  private get isGone(): boolean {
    const { client } = this.options;
    return client.closed || this.socket.destroyed;
  }

  /** Null while a packet is known to be longer than what has come of it. */
  private join(chunk: Buffer): Buffer | null {
    if (this.partsBytes === 0) return chunk;
    this.keep(chunk);
    if (this.partsBytes < this.neededBytes) {
      if (this.parts.length > PARTS_MAX) this.parts = [Buffer.concat(this.parts)];
      return null;
    }
    const bytes = Buffer.concat(this.parts);
    this.parts = [];
    this.partsBytes = 0;
    this.neededBytes = 0;
    return bytes;
  }

  private keep(bytes: Buffer): void {
    this.parts.push(bytes);
    this.partsBytes += bytes.length;
  }

  /** Reads the packet at a place; returns where the next one starts, null when it has not come whole. */
  private readPacket(bytes: Buffer, at: number): number | null {
    let length = 0;
    let bodyAt = at + 1;
    for (let shift = 0; ; shift += 7) {
      if (shift === 28) return this.refuse('a length of more than four bytes [MQTT 2.2.3]', bytes);
      const digit = bytes[bodyAt];
      if (digit === undefined) return null;
      bodyAt += 1;
      length |= (digit & 0x7f) << shift;
      if (digit < 0x80) break;
    }
    const end = bodyAt + length;
    const first = bytes[at] as number;
    if (length > this.options.maxPacketBytes) {
      return this.refuse(`a packet of ${length} bytes, at most ${this.options.maxPacketBytes} are taken`, bytes);
    }
    if (end > bytes.length) {
      this.neededBytes = end - at;
      return null;
    }
    const session = (first & TYPE_AND_QOS) === PUBLISH_QOS_1 && this.inside.connected ? this.sessionNow() : undefined;
    if (session) return this.readPublish(session, { bytes, first, bodyAt, end });
    return this.handOver(bytes, { at, bodyAt, end });
  }

  private sessionNow(): Session | undefined {
    return this.options.sessionOf(this.options.client);
  }

  /** Gives a packet to aedes; returns where the next one starts. */
  private handOver(bytes: Buffer, { at, bodyAt, end }: { at: number; bodyAt: number; end: number }): number {
    const packet = bytes.subarray(at, end);
    const fault = packetFault(packet, bodyAt - at);
    if (!fault) return (this.inside._parser.parse(packet), end);
    if (fault.returnCode) this.socket.write(CONNACK_LEVEL_REFUSED);
    return this.refuse(fault.reason, bytes);
  }

  private readPublish(
    session: Session,
    { bytes, first, bodyAt, end }: { bytes: Buffer; first: number; bodyAt: number; end: number },
  ): number {
    const topicAt = bodyAt + 2;
    const idAt = end < topicAt ? end : topicAt + bytes.readUInt16BE(bodyAt);
    if (idAt + 2 > end) return this.refuse('a PUBLISH that ends within its header', bytes);
    const messageId = bytes.readUInt16BE(idAt);
    if (messageId === 0) return this.refuse('a PUBLISH with packet identifier 0 [MQTT-2.3.1-1]', bytes);
    const isUsage = equalBytes(session.usageTopicBytes, bytes, { from: topicAt, to: idAt });
    const topic = isUsage ? session.usageTopic : topicName(bytes.subarray(topicAt, idAt));
    if (topic === null) return this.refuse('a PUBLISH to a topic that is none', bytes);
    const size = end - bodyAt;
    this.unsettledBytes += size;
    this.options.backlog.add(size);
    const payload = bytes.subarray(idAt + 2, end);
    this.options.onPublication({
      session,
      clientName: this.options.client.id,
      channel: isUsage ? 'usage' : channelOf(topic, session.publicId),
      topic,
      payload,
      qos: 1,
      isRedelivery: (first & DUP) !== 0,
      messageId,
      forward: (isRetained) =>
        this.options.forward(this.options.client, { topic, payload, retain: isRetained && (first & RETAIN) !== 0 }),
      done: (error) => this.settle(messageId, size, error),
    });
    return end;
  }

  private settle(messageId: number, size: number, error?: Error): void {
    this.unsettledBytes -= size;
    this.options.backlog.remove(size);
    if (this.options.client.closed) return;
    if (error) return void this.options.client.emit('error', error);
    // A turn later, so that all messages of one commit are acknowledged at once.
    if (this.settled.push(messageId) === 1) queueMicrotask(() => this.flush());
  }

  /** Ends the connection; the rest of what was read is dropped. */
  private refuse(reason: string, { length }: Buffer): number {
    this.options.client.emit('error', new Error(reason));
    return length;
  }

  private pauseIfBusy(): void {
    const { backlog } = this.options;
    const isFree = this.inside._parsingBatch === 0 && this.unsettledBytes <= UNSETTLED_BYTES_MAX && !backlog.isFull;
    if (!isFree) this.pause();
  }

  private pause(): void {
    if (this.isPaused || this.options.client.closed) return;
    this.isPaused = true;
    this.socket.pause();
    this.options.backlog.whenRoom(this);
  }

  /** Who does not read its acknowledgements is not read either, and is dropped after the drain timeout. */
  private waitForReader(): void {
    this.pause();
    this.inside.waitForDrain((error) => {
      if (!error) this.readOn();
    });
  }
}

function equalBytes(wanted: Buffer, bytes: Buffer, { from, to }: { from: number; to: number }): boolean {
  if (to - from !== wanted.length) return false;
  // From the end: the channel's name tells most of them apart.
  for (let index = wanted.length - 1; index >= 0; index -= 1) {
    if (wanted[index] !== bytes[from + index]) return false;
  }
  return true;
}

/** PUBACK packets one after the other [MQTT-3.4]. */
function pubacks(ids: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(ids.length * 4);
  for (let index = 0; index < ids.length; index += 1) {
    const id = ids[index] as number;
    bytes[index * 4] = 0x40;
    bytes[index * 4 + 1] = 2;
    bytes[index * 4 + 2] = id >> 8;
    bytes[index * 4 + 3] = id & 0xff;
  }
  return bytes;
}
