import { createConnection, type Socket } from 'node:net';
import {
  generate,
  type IConnectPacket,
  type IConnackPacket,
  type IPublishPacket,
  type Packet,
  parser as createParser,
} from 'mqtt-packet';
import type pg from 'pg';
import { afterAll, beforeAll, expect } from 'vitest';
import { upwardTopic } from '#contracts';
import type { Ingest } from '../../apps/ingest/src/ingest.js';
import type { Limits } from '../../apps/ingest/src/limits.js';
import { createInventory, startIngest, type Inventory, type TestDevice } from './ingest.js';

type PacketOf<Command extends Packet['cmd']> = Extract<Packet, { cmd: Command }>;

const PATIENCE_MS = 8_000;

/**
 * A client that sends exactly the bytes it is told to and does nothing by itself: no acknowledgements, no pings. What
 * comes in is read packet by packet, in order, so that an unexpected packet fails the test that did not expect it.
 */
export class RawMqtt {
  readonly received: Packet[] = [];
  isClosed = false;
  private unread = 0;
  private readonly changed = new Set<() => void>();

  private constructor(readonly socket: Socket) {
    const parser = createParser({ protocolVersion: 4 });
    parser.on('packet', (packet) => this.note(() => this.received.push(packet)));
    socket.on('data', (bytes) => parser.parse(bytes));
    socket.on('error', () => undefined);
    socket.on('close', () => this.note(() => (this.isClosed = true)));
  }

  static async open(port: number): Promise<RawMqtt> {
    const socket = createConnection({ port, host: '127.0.0.1', noDelay: true });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new RawMqtt(socket);
  }

  /** Writes all of it at once. */
  send(...packets: (Packet | Buffer)[]): void {
    this.socket.write(Buffer.concat(packets.map((one) => (Buffer.isBuffer(one) ? one : generate(one)))));
  }

  /** The next packet, which must be of this kind. */
  async next<Command extends Packet['cmd']>(command: Command): Promise<PacketOf<Command>> {
    await this.until(() => this.received.length > this.unread || this.isClosed, `a ${command}`);
    const packet = this.received[this.unread];
    expect(packet?.cmd ?? 'closed').toBe(command);
    this.unread += 1;
    return packet as PacketOf<Command>;
  }

  /** The next so many packets' identifiers, all of one kind. */
  async nextIds(command: Packet['cmd'], count: number): Promise<(number | undefined)[]> {
    const ids: (number | undefined)[] = [];
    while (ids.length < count) ids.push((await this.next(command)).messageId);
    return ids;
  }

  /** Resolves when the broker has closed the connection; how long that took, in milliseconds. */
  async closed(withinMs = PATIENCE_MS): Promise<number> {
    const startedAt = Date.now();
    await this.until(() => this.isClosed, 'the end of the connection', withinMs);
    return Date.now() - startedAt;
  }

  /** Proves that the connection is alive and that nothing came in before: the next packet is the answer to a ping. */
  async isQuiet(): Promise<void> {
    this.send({ cmd: 'pingreq' });
    await this.next('pingresp');
  }

  /** What has come in and not been read. */
  get waiting(): Packet[] {
    return this.received.slice(this.unread);
  }

  /** Breaks the connection without a word, as a lost network does. */
  cut(): void {
    this.socket.destroy();
  }

  private note(change: () => unknown): void {
    change();
    for (const look of [...this.changed]) look();
  }

  private until(isSo: () => boolean, what: string, withinMs = PATIENCE_MS): Promise<void> {
    if (isSo()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        this.changed.delete(look);
        settle();
      };
      const look = (): void => (isSo() ? end(resolve) : undefined);
      const got = (): string => this.waiting.map(({ cmd }) => cmd).join(', ') || 'nothing';
      const timer = setTimeout(
        () => end(() => reject(new Error(`waited ${withinMs} ms for ${what}, got ${got()}`))),
        withinMs,
      );
      this.changed.add(look);
    });
  }
}

/** A CONNECT of MQTT 3.1.1 with a device's own credentials. */
export function connectPacket(
  { publicId, secret }: Pick<TestDevice, 'publicId' | 'secret'>,
  given: Partial<IConnectPacket> = {},
): IConnectPacket {
  const protocol = { protocolId: 'MQTT', protocolVersion: 4 } as const;
  const login = { username: publicId, password: Buffer.from(secret) };
  return { cmd: 'connect', ...protocol, clean: true, clientId: 'raw', keepalive: 60, ...login, ...given };
}

/** A PUBLISH of QoS 1; give what differs. */
export function publishPacket(
  given: Pick<IPublishPacket, 'topic' | 'payload'> & Partial<IPublishPacket>,
): IPublishPacket {
  return { cmd: 'publish', qos: 1, dup: false, retain: false, ...given };
}

/** A usage of a keyless lock under an id. */
export const unlock = (id: string): string => JSON.stringify({ id, metric: 'unlock', at: Date.now() });

/** Any packet at all: a first byte, and a body behind its right length. */
export function frame(firstByte: number, ...body: (Buffer | readonly number[])[]): Buffer {
  const bytes = Buffer.concat(body.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from([firstByte]), remainingLength(bytes.length), bytes]);
}

/** The length of a packet as MQTT writes it, 7 bits a byte [MQTT 2.2.3]. */
export function remainingLength(length: number): Buffer {
  const bytes: number[] = [];
  let rest = length;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low | 128 : low);
  } while (rest > 0);
  return Buffer.from(bytes);
}

/** A text or bytes behind their length in two bytes. */
export function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
}

/** The beginning of a CONNECT: protocol name and level, flags (user name, password, clean session), keep alive. */
export const MQTT_3_1_1 = Buffer.concat([field('MQTT'), Buffer.from([4])]);
export const FLAGS = 0xc2;
export const MINUTE = [0, 60] as const;

/** A device that is logged in by raw packets. */
export interface LoggedIn {
  readonly device: TestDevice;
  readonly client: RawMqtt;
  readonly connack: IConnackPacket;
  readonly topic: string;
}

/** The broker under test, as {@link useBroker} starts it. */
export interface BrokerUnderTest {
  device(): Promise<TestDevice>;
  open(): Promise<RawMqtt>;
  /** Connects and logs in; a device of its own and a CONNECT of MQTT 3.1.1 unless given. */
  logIn(given?: Partial<IConnectPacket> & { device?: TestDevice }): Promise<LoggedIn>;
  /** Sends a CONNECT as bytes; what came back until the broker closed the connection. */
  answerTo(...body: (Buffer | readonly number[])[]): Promise<Buffer>;
  /** How many usages of a device are stored. */
  usagesOf(device: TestDevice): Promise<number>;
  rows<T extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<T[]>;
}

/** A real ingest with a database of its own for the test file that calls this. */
export function useBroker(limits: Partial<Limits> = {}): BrokerUnderTest {
  let inventory: Inventory;
  let ingest: Ingest;
  const clients: RawMqtt[] = [];
  beforeAll(async () => {
    inventory = await createInventory();
    ingest = await startIngest(inventory, { limits });
  });
  afterAll(async () => {
    clients.forEach((client) => client.cut());
    await ingest?.stop();
    await inventory?.drop();
  });
  const open = async (): Promise<RawMqtt> => {
    const client = await RawMqtt.open(ingest.port);
    clients.push(client);
    return client;
  };
  const logIn: BrokerUnderTest['logIn'] = async ({ device: given, ...connect } = {}) => {
    const device = given ?? (await inventory.addDevice());
    const client = await open();
    client.send(connectPacket(device, connect));
    const connack = await client.next('connack');
    return { device, client, connack, topic: upwardTopic(device.publicId, 'usage') };
  };
  const answerTo: BrokerUnderTest['answerTo'] = async (...body) => {
    const client = await open();
    const parts: Buffer[] = [];
    client.socket.on('data', (part: Buffer) => parts.push(part));
    client.send(frame(0x10, ...body));
    await client.closed(3_000);
    return Buffer.concat(parts);
  };
  const usagesOf = async ({ key }: TestDevice): Promise<number> =>
    (await inventory.rows('select 1 as n from usage where device_key = $1', [key])).length;
  const rows: BrokerUnderTest['rows'] = (sql, values) => inventory.rows(sql, values);
  return { device: () => inventory.addDevice(), open, logIn, answerTo, usagesOf, rows };
}
