import { createServer, type AddressInfo, type Socket } from 'node:net';
import { generate, parser, type IConnectPacket, type IPublishPacket, type Packet } from 'mqtt-packet';
import { vi } from 'vitest';

/** One connection of a client, as the broker's end of the wire sees it. */
export interface WireConnection {
  readonly connect: IConnectPacket;
  /** Everything that came after CONNECT. */
  readonly packets: Packet[];
  /** The message ids acknowledged so far, in order. */
  acknowledged(): number[];
  /** Whether the client has closed it. */
  isClosed(): boolean;
  /** Sends messages in one write. */
  deliver(...messages: (Partial<IPublishPacket> & { topic: string; payload: string })[]): void;
  /** Sends bytes that may be anything. */
  write(bytes: Buffer): void;
  /** How many bytes wait for the client to read on. */
  unsent: () => number;
}

/** The broker's end of MQTT 5 with the test as its brain: for what no real broker does on demand. */
export interface WireBroker {
  readonly port: number;
  /** Resolves with connection number `index` once it is there. */
  connected(index: number): Promise<WireConnection>;
  /** Resolves with connection number `index` once it has subscribed. */
  subscribed(index: number): Promise<WireConnection>;
  close(): Promise<void>;
}

const PATIENCE = { timeout: 15_000, interval: 10 };

function present(connection: WireConnection | undefined): WireConnection {
  if (!connection) throw new Error('no such connection');
  return connection;
}

const V5 = { protocolVersion: 5 } as const;

/**
 * Listens on a free port; lets everybody in, after a while, and grants every subscription. `isMute`: it answers no ping.
 */
export async function startWireBroker({ isMute = false, connackMs = 0 } = {}): Promise<WireBroker> {
  const connections: (WireConnection & { socket: Socket })[] = [];
  const server = createServer((socket) => serve(socket, { connections, isMute, connackMs }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connected: (index) => vi.waitFor(() => present(connections[index]), PATIENCE),
    subscribed: (index) =>
      vi.waitFor(() => {
        const connection = present(connections[index]);
        if (!connection.packets.some(({ cmd }) => cmd === 'subscribe')) throw new Error('not subscribed');
        return connection;
      }, PATIENCE),
    close: async () => {
      connections.forEach(({ socket }) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Serving {
  connections: (WireConnection & { socket: Socket })[];
  isMute: boolean;
  connackMs: number;
}

function serve(socket: Socket, { connections, isMute, connackMs }: Serving): void {
  const packets: Packet[] = [];
  let isClosed = false;
  socket.on('error', () => undefined).on('close', () => (isClosed = true));
  const send = (packet: Packet): void => void socket.write(generate(packet, V5));
  const reader = parser(V5);
  reader.on('packet', (packet) => {
    if (packet.cmd === 'connect') {
      const letIn = (): void => {
        send({ cmd: 'connack', reasonCode: 0, sessionPresent: false });
        connections.push({ ...wire(socket, packets, packet), isClosed: () => isClosed, socket });
      };
      if (connackMs === 0) letIn();
      else setTimeout(letIn, connackMs);
      return;
    }
    packets.push(packet);
    if (packet.cmd === 'subscribe')
      send({ cmd: 'suback', messageId: packet.messageId ?? 0, granted: packet.subscriptions.map(() => 1) });
    if (packet.cmd === 'unsubscribe')
      send({ cmd: 'unsuback', messageId: packet.messageId ?? 0, granted: packet.unsubscriptions.map(() => 17) });
    if (packet.cmd === 'pingreq' && !isMute) send({ cmd: 'pingresp' });
  });
  socket.on('data', (chunk) => reader.parse(chunk));
}

function wire(socket: Socket, packets: Packet[], connect: IConnectPacket): Omit<WireConnection, 'isClosed'> {
  return {
    connect,
    packets,
    acknowledged: () => packets.flatMap((packet) => (packet.cmd === 'puback' ? [packet.messageId ?? 0] : [])),
    deliver: (...messages) => {
      const whole = { cmd: 'publish', qos: 1, dup: false, retain: false } as const;
      socket.write(Buffer.concat(messages.map((message) => generate({ ...whole, ...message }, V5))));
    },
    write: (bytes) => void socket.write(bytes),
    unsent: () => socket.writableLength,
  };
}
