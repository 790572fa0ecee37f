import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import type { Logger } from 'pino';
import { readKeyPair, type KeyPair, type KeyPairFiles } from './key-pair.js';

/** A listener with TLS. */
export interface TlsSettings extends KeyPairFiles {
  readonly port: number;
  readonly bind: string;
}

/** Where devices may connect, and who is asked about each of them. */
export interface ListenerOptions {
  readonly bind: string;
  /** Port 0 takes any free one. */
  readonly port: number;
  readonly tls: TlsSettings | null;
  readonly log: Logger;
  /** Whether one more socket from an address may be there; counted until {@link leave}. */
  enter(address: string): boolean;
  leave(address: string): void;
  /** A device's bytes can be read from it, and written to it in the clear. */
  onSocket(socket: Socket): void;
}

const SOCKET = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };
const HANDSHAKE_MS = 10_000;

/** The ports of the embedded broker: a plain one, and one with TLS 1.2 or newer when there is a certificate. */
export class Listeners {
  private readonly plain: Server;
  private secure: TlsServer | null = null;
  private pair: KeyPair | null = null;

  private constructor(private readonly options: ListenerOptions) {
    this.plain = createServer(SOCKET, (socket) => {
      if (this.count(socket)) options.onSocket(socket);
    });
  }

  /** Resolves when connections are taken; rejects when a port or the certificate is not to be had. */
  static async open(options: ListenerOptions): Promise<Listeners> {
    const listeners = new Listeners(options);
    try {
      await listeners.listen();
    } catch (error) {
      listeners.close();
      throw error;
    }
    return listeners;
  }

  get port(): number {
    return portOf(this.plain);
  }

  /** Null without TLS. */
  get tlsPort(): number | null {
    return this.secure && portOf(this.secure);
  }

  /** Takes a certificate that has been renewed; with one that is no good it goes on with the old one. */
  async renew(): Promise<void> {
    const { tls, log } = this.options;
    if (!tls || !this.secure) return;
    try {
      const pair = await readKeyPair(tls);
      if (pair.cert === this.pair?.cert && pair.key === this.pair.key) return;
      this.secure.setSecureContext({ ...pair, minVersion: 'TLSv1.2' });
      this.pair = pair;
      log.info('a new certificate is used from now on');
    } catch (error) {
      log.warn({ err: error }, 'the certificate could not be read again: the one before is still used');
    }
  }

  /** No new connections from now on; those there are stay. */
  close(): void {
    this.plain.close();
    this.secure?.close();
  }

  private async listen(): Promise<void> {
    const { bind, port, tls } = this.options;
    if (tls) await this.listenSecurely(tls);
    this.plain.listen(port, bind);
    await once(this.plain, 'listening');
  }

  private async listenSecurely(tls: TlsSettings): Promise<void> {
    this.pair = await readKeyPair(tls);
    const settings = { ...SOCKET, ...this.pair, minVersion: 'TLSv1.2' as const, handshakeTimeout: HANDSHAKE_MS };
    const secure = createTlsServer(settings, (socket) => this.options.onSocket(socket));
    // Counted from the first packet on: a handshake that never ends holds a place too.
    secure.on('connection', (socket: Socket) => this.count(socket));
    secure.on('tlsClientError', (error) => this.options.log.debug({ error: error.message }, 'TLS handshake'));
    secure.listen(tls.port, tls.bind);
    await once(secure, 'listening');
    this.secure = secure;
  }

  private count(socket: Socket): boolean {
    const address = socket.remoteAddress ?? '';
    if (!this.options.enter(address)) {
      socket.destroy();
      return false;
    }
    socket.once('close', () => this.options.leave(address));
    return true;
  }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
