import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';

/** TLS in front of a plain port of this machine. */
export interface TlsFront {
  readonly port: number;
  /** The file of its own certificate, which vouches for it. */
  readonly ca: string;
  close(): Promise<void>;
}

/** Listens with a certificate made for `localhost` (needs openssl) and passes everything on to the port. */
export async function startTlsFront(plainPort: number): Promise<TlsFront> {
  const folder = await mkdtemp(join(tmpdir(), 'nyttospar-tls-'));
  const [keyFile, ca] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  execFileSync('openssl', [...kind, ...names, '-keyout', keyFile, '-out', ca], { stdio: 'ignore' });
  const open = new Set<TLSSocket>();
  const server = createServer({ key: await readFile(keyFile), cert: await readFile(ca) }, (socket) => {
    open.add(socket);
    const plain = connect(plainPort, '127.0.0.1');
    socket.on('error', () => plain.destroy()).on('close', () => open.delete(socket));
    plain.on('error', () => socket.destroy());
    socket.pipe(plain).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    ca,
    close: async () => {
      open.forEach((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
