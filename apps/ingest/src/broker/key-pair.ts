import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';

/** PEM files: a certificate with the chain that vouches for it, and its private key. */
export interface KeyPairFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** What TLS is spoken with. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** Reads both files; throws an error that names the setting to mend when they cannot be read or are no pair. */
export async function readKeyPair({ certFile, keyFile }: KeyPairFiles): Promise<KeyPair> {
  const [cert, key] = await Promise.all([read('MQTT_TLS_CERT', certFile), read('MQTT_TLS_KEY', keyFile)]);
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `MQTT_TLS_CERT (${certFile}) and MQTT_TLS_KEY (${keyFile}) are no certificate and its key in PEM form: ${reason}`,
      { cause },
    );
  }
  return { cert, key };
}

async function read(setting: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new Error(`The file ${setting} (${file}) cannot be read.`, { cause });
  }
}
