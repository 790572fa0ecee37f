import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Ingest } from '../../apps/ingest/src/ingest.js';
import { makeCertificate, type Certificate } from '../support/certificate.js';
import { createInventory, startIngest, type Inventory, type TestDevice } from '../support/ingest.js';
import { connect, mosquittoPub, publish } from '../support/mqtt.js';

/** The embedded broker's listener with TLS 1.2 or newer. */

let inventory: Inventory;
let certificate: Certificate;
let ingest: Ingest;
let device: TestDevice;

beforeAll(async () => {
  inventory = await createInventory();
  certificate = await makeCertificate();
  device = await inventory.addDevice();
  await inventory.place(device);
  ingest = await startIngest(inventory, { tls: settings(), limits: { connections: 5 } });
});
afterAll(async () => {
  await ingest.stop();
  await certificate.remove();
  await inventory.drop();
});

const settings = () => ({ ...certificate, bind: '127.0.0.1', port: 0 });
const tlsPort = (): number => ingest.tlsPort ?? 0;
const topic = (): string => `wt/v1/${device.publicId}/usage`;
const usage = (id: string): string => JSON.stringify({ id, metric: 'unlock', at: Date.now() });
const stored = async (): Promise<number> =>
  (await inventory.rows('select 1 from usage where device_key = $1', [device.key])).length;

/** The serial number of the certificate that is shown. */
async function shownSerial(): Promise<string> {
  const socket = connectTls({ port: tlsPort(), host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}

test('a device publishes through it with a client of its own choice, and is acknowledged after the commit', async () => {
  const before = await stored();
  const { code, text } = await mosquittoPub(
    { ...device, port: tlsPort() },
    { topic: topic(), payload: usage('tls-1'), args: ['--cafile', certificate.certFile, '-h', 'localhost'] },
  );
  expect({ code, text }).toEqual({ code: 0, text: '' });
  const ca = readFileSync(certificate.certFile);
  const client = await connect(
    { ...device, port: tlsPort() },
    { protocol: 'mqtts', host: 'localhost', hostname: 'localhost', ca },
  );
  await Promise.all(Array.from({ length: 200 }, (_, index) => publish(client, topic(), usage(`tls-many-${index}`))));
  expect(await stored()).toBe(before + 201);
  await client.endAsync();
});

test('the plain port is there beside it', async () => {
  const before = await stored();
  const client = await connect({ ...device, port: ingest.port });
  await publish(client, topic(), usage('plain-1'));
  await client.endAsync();
  expect(await stored()).toBe(before + 1);
});

test('TLS 1.1 is refused, and so is plain MQTT', async () => {
  const old = connectTls({
    port: tlsPort(),
    host: '127.0.0.1',
    rejectUnauthorized: false,
    maxVersion: 'TLSv1.1',
    minVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  });
  await expect(once(old, 'secureConnect')).rejects.toThrow(/alert protocol version/);
  await expect(connect({ ...device, port: tlsPort() })).rejects.toThrow();
});

test('handshakes that do not end hold a place each, and give it back', async () => {
  const silent = Array.from({ length: 5 }, () => connectPlain(tlsPort(), '127.0.0.1'));
  await Promise.all(silent.map((socket) => once(socket, 'connect')));
  await vi.waitFor(async () => expect(await isLetIn()).toBe(false));
  silent.forEach((socket) => socket.destroy());
  await vi.waitFor(async () => expect(await isLetIn()).toBe(true));
});

async function isLetIn(): Promise<boolean> {
  const socket: TLSSocket = connectTls({ port: tlsPort(), host: '127.0.0.1', rejectUnauthorized: false });
  try {
    await once(socket, 'secureConnect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

describe('a certificate', () => {
  test('that has been renewed is shown to new connections; those there are stay', async () => {
    const client = await connect(
      { ...device, port: tlsPort() },
      { protocol: 'mqtts', host: '127.0.0.1', rejectUnauthorized: false },
    );
    const before = await shownSerial();
    certificate.renew();
    await ingest.sweep();
    expect(await shownSerial()).not.toBe(before);
    await publish(client, topic(), usage('after-renewal'));
    await client.endAsync();
  });

  test('that is no good leaves the one before in use, and none at the start is a readable error', async () => {
    const before = await shownSerial();
    const sound = readFileSync(certificate.certFile, 'utf8');
    writeFileSync(certificate.certFile, sound.slice(0, 200));
    await ingest.sweep();
    expect(await shownSerial()).toBe(before);
    await expect(startIngest(inventory, { tls: settings() })).rejects.toThrow(
      /MQTT_TLS_CERT \(.*cert\.pem\) and MQTT_TLS_KEY \(.*\) are no certificate and its key/,
    );
    writeFileSync(certificate.certFile, sound);
    await expect(startIngest(inventory, { tls: { ...settings(), keyFile: '/finns/inte' } })).rejects.toThrow(
      'The file MQTT_TLS_KEY (/finns/inte) cannot be read.',
    );
  });

  test('and the key of another are no pair', async () => {
    const other = await makeCertificate();
    await expect(startIngest(inventory, { tls: { ...settings(), keyFile: other.keyFile } })).rejects.toThrow(
      /are no certificate and its key in PEM form: .*key values mismatch/,
    );
    await other.remove();
  });
});
