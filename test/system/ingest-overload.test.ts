import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { generate } from 'mqtt-packet';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { upwardTopic } from '#contracts';
import type { Ingest } from '../../apps/ingest/src/ingest.js';
import { createInventory, startIngest, type Inventory, type TestDevice } from '../support/ingest.js';
import { connect } from '../support/mqtt.js';

/** The device contract, promise 5: overload slows, it does not lose, and nobody starves the others. */

let inventory: Inventory;
let ingest: Ingest;
beforeAll(async () => {
  inventory = await createInventory();
  ingest = await startIngest(inventory, { limits: { usagesPerSecond: 100, usagesAtOnce: 200 } });
});
afterAll(async () => {
  await ingest.stop();
  await inventory.drop();
});

const usage = (id: number): string =>
  JSON.stringify({ id: `${id}`, metric: 'unlock', at: 1_000 * id + Date.now() - 9e6 });

async function openRaw(device: TestDevice, { port }: Pick<Ingest, 'port'> = ingest): Promise<Socket> {
  const socket = connectSocket(port, '127.0.0.1');
  const { publicId: username, secret } = device;
  const login = { username, password: Buffer.from(secret), clientId: username, keepalive: 60 };
  socket.write(generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, ...login }));
  await once(socket, 'data');
  onTestFinished(() => void socket.destroy());
  return socket;
}

function publishes(device: TestDevice, count: number): Buffer {
  const topic = upwardTopic(device.publicId, 'usage');
  return Buffer.concat(
    Array.from({ length: count }, (_, id) => {
      const packet = {
        cmd: 'publish',
        qos: 1,
        dup: false,
        retain: false,
        topic,
        messageId: (id % 65_535) + 1,
      } as const;
      return generate({ ...packet, payload: usage(id) });
    }),
  );
}

const storedOf = async ({ key }: TestDevice): Promise<number> =>
  Number((await inventory.rows<{ n: string }>('select count(*) as n from usage where device_key = $1', [key]))[0]?.n);

describe('a device that sends far more than it may', () => {
  it('is read no further than its share, while another one is served at once', async () => {
    const [noisy, quiet] = [await inventory.addDevice(), await inventory.addDevice()];
    const flood = await openRaw(noisy);
    flood.write(publishes(noisy, 200_000)); // 25 MB, of which the network's own buffers hold some
    const client = await connect({ ...quiet, port: ingest.port });
    for (let id = 0; id < 100; id += 1) {
      await client.publishAsync(upwardTopic(quiet.publicId, 'usage'), usage(id), { qos: 1 });
    }
    await client.endAsync();
    expect(await storedOf(quiet)).toBe(100);
    expect(flood.writableLength).toBeGreaterThan(10_000_000);
    expect(await storedOf(noisy)).toBeLessThan(20_000);
  });

  it('gets every message of a burst stored and acknowledged in order, only later', async () => {
    const device = await inventory.addDevice();
    const socket = await openRaw(device);
    let acknowledged = Buffer.alloc(0);
    socket.on('data', (bytes) => (acknowledged = Buffer.concat([acknowledged, bytes])));
    socket.write(publishes(device, 600));
    await vi.waitFor(() => expect(acknowledged.length).toBe(600 * 4), { timeout: 15_000, interval: 50 });
    const ids = Array.from({ length: 600 }, (_, index) => acknowledged.readUInt16BE(index * 4 + 2));
    expect(ids).toEqual(Array.from({ length: 600 }, (_, index) => index + 1));
    expect(await storedOf(device)).toBe(600);
  });
});

describe('all devices together sending more than is held for them', () => {
  it('get every message acknowledged, nobody is left waiting', async () => {
    const narrow = await startIngest(inventory, { limits: { unacknowledgedBytes: 300_000 } });
    onTestFinished(() => narrow.stop());
    const devices = await Promise.all(Array.from({ length: 16 }, () => inventory.addDevice()));
    const sockets = await Promise.all(devices.map((device) => openRaw(device, narrow)));
    const bursts = devices.map((device) => publishes(device, 6_000));
    const acknowledged = devices.map(() => 0);
    sockets.forEach((socket, at) => socket.on('data', ({ length }) => (acknowledged[at]! += length / 4)));
    // The first one comes to its own limit, then the others fill what is held for all.
    for (const [at, socket] of sockets.entries()) {
      socket.write(bursts[at]!);
      if (at === 0) await delay(5);
    }
    await vi.waitFor(() => expect(acknowledged).toEqual(devices.map(() => 6_000)), {
      timeout: 18_000,
      interval: 50,
    });
  });
});
