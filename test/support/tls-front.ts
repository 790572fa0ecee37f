import { readFile } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { makeCertificate } from './certificate.js';

/** TLS in front of a plain port of this machine. */
export interface TlsFront {
  readonly port: number;
  /** The file of its own certificate, which vouches for it. */
  readonly ca: string;
  close(): Promise<void>;
}

/** Listens with a certificate made for `localhost` (needs openssl) and passes everything on to the port. */
export async function startTlsFront(plainPort: number): Promise<TlsFront> {
  const certificate = await makeCertificate();
  const [key, cert] = [await readFile(certificate.keyFile), await readFile(certificate.certFile)];
  const open = new Set<TLSSocket>();
  const server = createServer({ key, cert }, (socket) => {
    open.add(socket);
    const plain = connect(plainPort, '127.0.0.1');
    socket.on('error', () => plain.destroy()).on('close', () => open.delete(socket));
    plain.on('error', () => socket.destroy());
    socket.pipe(plain).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    ca: certificate.certFile,
    close: async () => {
      open.forEach((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
      await certificate.remove();
    },
  };
}
