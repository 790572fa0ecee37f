import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { PublishScanner, type Delivery } from './publish-scanner.js';

/** What a tap takes out of a connection. */
export interface TapOptions {
  readonly maxPacketBytes: number;
  onPublish(delivery: Delivery): void;
}

/**
 * A connection to a broker as mqtt.js uses it, with the PUBLISH packets taken out. mqtt.js keeps the session (CONNECT,
 * SUBSCRIBE, pings); but it handles messages one at a time, and acknowledges as soon as one is handled. So it never sees
 * them: they go to `onPublish` as fast as they are read, and {@link acknowledge} is called after the commit.
 */
export class PublishTap extends Duplex {
  private readonly acknowledged: number[] = [];

  constructor(
    private readonly socket: Socket,
    options: TapOptions,
  ) {
    super();
    const scanner = new PublishScanner({ ...options, onOther: (packet) => this.push(packet) });
    socket.on('data', (chunk: Buffer) => {
      try {
        scanner.feed(chunk);
      } catch (error) {
        this.destroy(error as Error);
      }
    });
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  /**
   * Sends a PUBACK. Those of one turn leave in one write, in the order of the calls; on a connection that is gone they
   * are dropped: the broker delivers the message again.
   */
  acknowledge(messageId: number): void {
    if (this.acknowledged.push(messageId) === 1) queueMicrotask(() => this.writeAcknowledgements());
  }

  /** No more is read until {@link readOn}. */
  stopReading(): void {
    this.socket.pause();
  }

  readOn(): void {
    this.socket.resume();
  }

  override _read(): void {
    // What is passed on is a few small packets: the socket keeps flowing.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.socket.write(chunk, done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.socket.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.socket.destroy();
    done(error);
  }

  /** Through this stream, not the socket: mqtt.js may be in the middle of writing a packet. */
  private writeAcknowledgements(): void {
    const messageIds = this.acknowledged.splice(0);
    if (!this.writable) return;
    const packets = Buffer.allocUnsafe(messageIds.length * 4);
    messageIds.forEach((messageId, index) => {
      // PUBACK without a reason code: success [MQTT5-3.4.2.1].
      packets.writeUInt16BE(0x4002, index * 4);
      packets.writeUInt16BE(messageId, index * 4 + 2);
    });
    this.write(packets);
  }
}
