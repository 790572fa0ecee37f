import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A network between devices and the broker that can fail. */
export interface Relay {
  readonly port: number;
  /** Nothing passes any more, and nobody is told: what is under way is lost with its connection. */
  fallSilent(): void;
  /** Breaks every connection; new ones work. */
  recover(): void;
  close(): Promise<void>;
}

/** Relays TCP on loopback to another port. */
export async function startRelay(targetPort: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  let isSilent = false;
  const track = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    const far = track(connect(targetPort, '127.0.0.1'));
    track(near);
    near.on('data', (bytes) => isSilent || far.write(bytes)).on('close', () => far.destroy());
    far.on('data', (bytes) => isSilent || near.write(bytes)).on('close', () => near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    port: (server.address() as AddressInfo).port,
    fallSilent: () => (isSilent = true),
    recover: () => {
      cut();
      isSilent = false;
    },
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
