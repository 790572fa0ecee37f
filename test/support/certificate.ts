import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** PEM files of a certificate for `localhost` that vouches for itself. */
export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  /** Makes a new one in the same files. */
  renew(): void;
  remove(): Promise<void>;
}

/** Makes one in a folder of its own; needs openssl. */
export async function makeCertificate(): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), 'nyttospar-tls-'));
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const renew = (): void =>
    void execFileSync('openssl', [...kind, ...names, '-keyout', keyFile, '-out', certFile], { stdio: 'ignore' });
  renew();
  return { certFile, keyFile, renew, remove: () => rm(folder, { recursive: true, force: true }) };
}
