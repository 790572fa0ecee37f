import { createConnection } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { commandTopics, DISCONNECT_CHANNEL, responseTopic, upwardTopic } from '#contracts';
import type { Ingest } from '../../apps/ingest/src/ingest.js';
import { addSecret, createInventory, startIngest, type Inventory } from '../support/ingest.js';
import { closed, connect, mosquittoPub, publish, refusalOf } from '../support/mqtt.js';
import { describeWith } from '../support/requires.js';

let inventory: Inventory;
let ingest: Ingest;
beforeAll(async () => {
  inventory = await createInventory();
  ingest = await startIngest(inventory);
});
afterAll(async () => {
  await ingest?.stop();
  await inventory?.drop();
});

const usagesOf = (key: number) =>
  inventory.rows<{ n: number }>('select 1 as n from usage where device_key = $1', [key]);
const unlock = (id: string) => ({ id, metric: 'unlock', at: Date.now() });

describe('a log-in', () => {
  it('is refused with 4 for a wrong secret, another’s secret, none, and an unknown name', async () => {
    const [device, other] = [await inventory.addDevice(), await inventory.addDevice()];
    const port = ingest.port;
    for (const secret of ['wrong', other.secret, '']) expect(await refusalOf({ ...device, secret, port })).toBe(4);
    expect(await refusalOf({ ...device, publicId: 'nobody-here', port })).toBe(4);
  });

  it('is refused with 5 for a retired device', async () => {
    const device = await inventory.addDevice({ lifecycle: 'retired' });
    expect(await refusalOf({ ...device, port: ingest.port })).toBe(5);
  });

  it('is refused with 2 for a durable session without a client id', async () => {
    const device = await inventory.addDevice();
    const answer = await rawConnect(
      Buffer.concat([connectHead(4, 0xc0), field(''), field(device.publicId), field(device.secret)]),
    );
    expect(answer).toEqual(Buffer.from([0x20, 2, 0, 2]));
  });

  it('of MQTT 5 is refused by its own code', async () => {
    const device = await inventory.addDevice();
    const answer = await rawConnect(
      Buffer.concat([connectHead(5, 0xc2), Buffer.from([0]), field('x'), field(device.publicId), field(device.secret)]),
    );
    expect(answer).toEqual(Buffer.from([0x20, 3, 0, 0x84, 0]));
  });

  it('works with both secrets while one is being replaced, and with an expired one no longer', async () => {
    const device = await inventory.addDevice();
    await addSecret(inventory.pool, device, 'another secret');
    const both = [device.secret, 'another secret'];
    const answers = () => Promise.all(both.map((secret) => refusalOf({ ...device, secret, port: ingest.port })));
    expect(await answers()).toEqual([null, null]);
    const sql = `update device_credential set expires_at = now() where device_id = $1 and secret_sha256 = sha256($2::bytea)`;
    await inventory.pool.query(sql, [device.id, Buffer.from(device.secret)]);
    expect(await answers()).toEqual([4, null]);
  });

  it('answers bad ones later and later, and a right one at once', async () => {
    const device = await inventory.addDevice();
    const own = await startIngest(inventory, { limits: { badLoginDelayMs: 100, badLoginsPending: 3 } });
    const timed = async (secret: string) => {
      const started = Date.now();
      const answer = await refusalOf({ ...device, secret, port: own.port });
      return { answer, ms: Date.now() - started };
    };
    const waits = [(await timed('a')).ms, (await timed('b')).ms, (await timed('c')).ms]; // 100, 200, 400 ms
    expect(waits[2]).toBeGreaterThan(Math.max(350, waits[0] ?? 0));
    const many = await Promise.all(['d', 'e', 'f', 'g', 'h'].map(timed));
    expect(many.filter(({ answer }) => answer === 4)).toHaveLength(3);
    expect(await timed(device.secret)).toMatchObject({ answer: null });
    await own.stop();
  });

  it('of one connection too many is refused', async () => {
    const device = await inventory.addDevice();
    const own = await startIngest(inventory, { limits: { connectionsPerDevice: 2, sessionsPerDevice: 1 } });
    const connecting = { ...device, port: own.port };
    const one = await connect(connecting, { clean: false, clientId: 'one' });
    expect(await refusalOf(connecting, { clean: false, clientId: 'two' })).toBe(3);
    const two = await connect(connecting);
    expect(await refusalOf(connecting)).toBe(3);
    await Promise.all([one.endAsync(), two.endAsync()]);
    await vi.waitFor(async () => expect(await refusalOf(connecting)).toBe(null));
    await own.stop();
  });
});

describe('a live connection', () => {
  it('ends at once when its secret is revoked, and does not come back', async () => {
    const device = await inventory.addDevice();
    const client = await connect({ ...device, port: ingest.port });
    await inventory.pool.query('update device_credential set revoked_at = now() where device_id = $1', [device.id]);
    const started = Date.now();
    await inventory.pool.query('select pg_notify($1, $2)', [DISCONNECT_CHANNEL, String(device.key)]);
    await closed(client);
    expect(Date.now() - started).toBeLessThan(1_000);
    expect(await refusalOf({ ...device, port: ingest.port })).toBe(4);
  });

  it('ends without any word when the device is retired', async () => {
    const device = await inventory.addDevice();
    const client = await connect({ ...device, port: ingest.port });
    await inventory.pool.query(`update device set lifecycle = 'retired' where id = $1`, [device.id]);
    await closed(client);
  });

  it('is not taken over by another device with the same client id', async () => {
    const [one, two] = [await inventory.addDevice(), await inventory.addDevice()];
    const first = await connect({ ...one, port: ingest.port }, { clientId: 'same' });
    const second = await connect({ ...two, port: ingest.port }, { clientId: 'same' });
    await publish(second, upwardTopic(two.publicId, 'usage'), unlock('2'));
    await publish(first, upwardTopic(one.publicId, 'usage'), unlock('1'));
    expect([(await usagesOf(one.key)).length, (await usagesOf(two.key)).length]).toEqual([1, 1]);
    await Promise.all([first.endAsync(), second.endAsync()]);
  });

  it('that breaks leaves the last will: lost, but connected never means the same', async () => {
    const device = await inventory.addDevice();
    const topic = upwardTopic(device.publicId, 'state');
    const will = { topic, payload: Buffer.from('{"state":"lost"}'), qos: 1, retain: true } as const;
    const client = await connect({ ...device, port: ingest.port }, { will });
    await publish(client, topic, { state: 'online' });
    client.stream.destroy();
    const signal = () =>
      inventory.rows('select state, connected from device_signal where device_key = $1', [device.key]);
    await vi.waitFor(async () => expect(await signal()).toEqual([{ state: 'lost', connected: false }]), 5_000);
  });

  it('gets its queued publishes through though they came before the CONNACK', async () => {
    const device = await inventory.addDevice();
    const head = Buffer.concat([connectHead(4, 0xc2), field('early'), field(device.publicId), field(device.secret)]);
    const { generate } = await import('mqtt-packet');
    const publishes = Array.from({ length: 200 }, (_, index) =>
      generate({
        cmd: 'publish',
        topic: upwardTopic(device.publicId, 'usage'),
        payload: JSON.stringify(unlock(`${index}`)),
        qos: 1,
        messageId: index + 1,
        dup: false,
        retain: false,
      }),
    );
    const socket = createConnection(ingest.port, '127.0.0.1');
    socket.write(Buffer.concat([sized(head), ...publishes]));
    await vi.waitFor(async () => expect(await usagesOf(device.key)).toHaveLength(200), 5_000);
    socket.destroy();
  });

  it('ends when a packet says that it is far too long, before it is sent', async () => {
    const device = await inventory.addDevice();
    const client = await connect({ ...device, port: ingest.port });
    (client.stream as unknown as { write(bytes: Buffer): void }).write(Buffer.from([0x32, 0xff, 0xff, 0xff, 0x7f]));
    await closed(client);
    const socket = createConnection(ingest.port, '127.0.0.1');
    socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]));
    await new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve));
  });
});

describe('a subscription', () => {
  it('is granted to a device’s own commands only', async () => {
    const [device, other] = [await inventory.addDevice(), await inventory.addDevice()];
    const client = await connect({ ...device, port: ingest.port });
    const granted = async (filter: string) =>
      (await client.subscribeAsync(filter, { qos: 1 }).catch(() => [{ qos: 128 }]))[0]?.qos;
    expect(await granted(commandTopics(device.publicId))).toBe(1);
    for (const filter of [
      '#',
      'wt/v1/+/command/#',
      `wt/v1/${device.publicId}/#`,
      `wt/v1/${device.publicId}/command/+/response`,
      upwardTopic(device.publicId, 'state'),
      commandTopics(other.publicId),
      `$share/group/${commandTopics(device.publicId)}`,
      '$SYS/#',
    ]) {
      expect([filter, await granted(filter)]).toEqual([filter, 128]);
    }
    await client.endAsync();
  });

  it('gets what the device itself answers to a command, never what another one sends', async () => {
    const [device, other] = [await inventory.addDevice(), await inventory.addDevice()];
    const [client, stranger] = [
      await connect({ ...device, port: ingest.port }),
      await connect({ ...other, port: ingest.port }),
    ];
    const heard: string[] = [];
    client.on('message', (_topic, payload) => heard.push(payload.toString()));
    await client.subscribeAsync(commandTopics(device.publicId), { qos: 1 });
    await publish(stranger, responseTopic(device.publicId, 'c1'), 'from a stranger');
    await publish(client, responseTopic(device.publicId, 'c1'), 'from itself');
    await vi.waitFor(() => expect(heard).toEqual(['from itself']));
    await Promise.all([client.endAsync(), stranger.endAsync()]);
  });
});

describe('a message of QoS 0 or 2', () => {
  it('takes the same path', async () => {
    const device = await inventory.addDevice();
    const client = await connect({ ...device, port: ingest.port });
    const topic = upwardTopic(device.publicId, 'usage');
    await client.publishAsync(topic, JSON.stringify(unlock('two')), { qos: 2 });
    expect(await usagesOf(device.key)).toHaveLength(1);
    await client.publishAsync(topic, JSON.stringify(unlock('zero')), { qos: 0 });
    await vi.waitFor(async () => expect(await usagesOf(device.key)).toHaveLength(2));
    await client.endAsync();
  });
});

describeWith('mosquitto_pub', 'mosquitto_pub', () => {
  it('is served with right credentials and refused with wrong or another’s', async () => {
    const [device, other] = [await inventory.addDevice(), await inventory.addDevice()];
    const topic = upwardTopic(device.publicId, 'usage');
    const send = (secret: string) =>
      mosquittoPub({ ...device, secret, port: ingest.port }, { topic, payload: JSON.stringify(unlock('m')) });
    expect(await send(device.secret)).toMatchObject({ code: 0 });
    expect(await usagesOf(device.key)).toHaveLength(1);
    for (const secret of ['wrong', other.secret]) expect((await send(secret)).code).not.toBe(0);
  });

  it.each([
    ['payload_too_large', Buffer.alloc(70 * 1024, 'a')],
    ['binary_payload', Buffer.from([0, 1, 2, 0xff])],
    ['not_json', Buffer.from('{"metric":')],
  ])('is acknowledged with %s', async (code, payload) => {
    const device = await inventory.addDevice();
    const sent = await mosquittoPub(
      { ...device, port: ingest.port },
      { topic: upwardTopic(device.publicId, 'usage'), payload },
    );
    expect(sent.code).toBe(0);
    expect(await inventory.rows('select code from rejected_message where device_key = $1', [device.key])).toEqual([
      { code },
    ]);
  });

  it('is told in words that MQTT 5 is not spoken', async () => {
    const device = await inventory.addDevice();
    const topic = upwardTopic(device.publicId, 'usage');
    const sent = await mosquittoPub({ ...device, port: ingest.port }, { topic, payload: '{}', args: ['-V', '5'] });
    expect(sent.code).not.toBe(0);
    expect(sent.text).toMatch(/protocol version/i);
  });
});

/** Fixed header and variable header of a CONNECT, keepalive 60 s, without the length. */
function connectHead(version: 4 | 5, flags: number): Buffer {
  return Buffer.concat([field('MQTT'), Buffer.from([version, flags, 0, 60])]);
}
function field(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
}
function sized(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x10, body.length]), body]);
}
async function rawConnect(body: Buffer): Promise<Buffer> {
  const socket = createConnection(ingest.port, '127.0.0.1').on('error', () => undefined);
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part));
  socket.write(sized(body));
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(parts);
}
