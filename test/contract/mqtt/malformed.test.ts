import { describe, expect, it } from 'vitest';
import { upwardTopic } from '#contracts';
import { connectPacket, field, frame, publishPacket, RawMqtt, unlock, useBroker } from '../../support/raw-mqtt.js';

const broker = useBroker();

const ID = [0, 1];
const NUL = Buffer.from([0x61, 0x00, 0x62]);
/** UTF-8 as it must not be: a surrogate half, a cut sequence, an overlong slash, beyond U+10FFFF. */
const ILL_FORMED = {
  surrogate: Buffer.from([0xed, 0xa0, 0x80]),
  cut: Buffer.from([0x61, 0xc3]),
  overlong: Buffer.from([0xc0, 0xaf]),
  beyond: Buffer.from([0xf4, 0x90, 0x80, 0x80]),
};

/** Another device's message goes through: the broker has not suffered. */
async function expectOthersServed(): Promise<void> {
  const { client, topic } = await broker.logIn();
  client.send(publishPacket({ topic, messageId: 1, payload: unlock('after') }));
  await client.next('puback');
  client.cut();
}

/**
 * Sends bytes on logged-in connections, as the end of what was sent and with a good message behind them: the connection
 * must be closed without a word, and what follows must not be obeyed.
 */
async function expectClosed(bytes: Buffer): Promise<void> {
  for (const isLast of [true, false]) {
    const { device, client, topic } = await broker.logIn();
    client.send(bytes, ...(isLast ? [] : [publishPacket({ topic, messageId: 99, payload: unlock('behind') })]));
    await client.closed(2_000);
    expect(client.waiting).toEqual([]);
    expect(await broker.usagesOf(device)).toBe(0);
  }
}

describe('a logged-in connection is closed by', () => {
  it.each<[string, Buffer]>([
    ['[MQTT-3.3.1-4] a PUBLISH of QoS 3', frame(0x36, field('a'), ID, [0x7b])],
    ['[MQTT-2.3.1-1] a PUBLISH of QoS 1 with packet identifier 0', frame(0x32, field('a'), [0, 0], [0x7b])],
    ['[MQTT-2.3.1-1] a PUBLISH of QoS 2 with packet identifier 0', frame(0x34, field('a'), [0, 0], [0x7b])],
    ['[MQTT-3.3.2-2] a PUBLISH to a topic with +', frame(0x32, field('wt/v1/+/usage'), ID)],
    ['[MQTT-3.3.2-2] a PUBLISH to a topic with #', frame(0x32, field('wt/v1/#'), ID)],
    ['[MQTT-4.7.3-1] a PUBLISH to an empty topic', frame(0x32, field(''), ID)],
    ['[MQTT-1.5.3-2] a PUBLISH to a topic with U+0000', frame(0x32, field(NUL), ID)],
    ...Object.entries(ILL_FORMED).map(
      ([name, bytes]) =>
        [`[MQTT-1.5.3-1] a PUBLISH to a topic of ill-formed UTF-8 (${name})`, frame(0x32, field(bytes), ID)] as [
          string,
          Buffer,
        ],
    ),
    ['[MQTT-3.3.2-1] a PUBLISH whose topic is longer than the packet', frame(0x32, [0, 40], Buffer.from('short'))],
    ['[MQTT-3.3.2-1] a PUBLISH of no bytes at all', frame(0x32)],
    ['[MQTT-3.3.2-1] a PUBLISH that ends within the length of its topic', frame(0x32, [0])],
    ['[MQTT-2.3.1-1] a PUBLISH of QoS 1 that ends before its packet identifier', frame(0x32, field('a'))],
    ['[MQTT-2.3.1-1] a PUBLISH of QoS 1 that ends within its packet identifier', frame(0x32, field('a'), [0])],
    ['[MQTT-2.2.2-2] a PUBACK without a packet identifier', frame(0x40)],
    ['[MQTT-2.3.1-1] a PUBREL with packet identifier 0', frame(0x62, [0, 0])],
    ['[MQTT 3.4] a PUBACK with more bytes than it may have', frame(0x40, ID, [0])],
    ['[MQTT 3.12] a PINGREQ with a body', frame(0xc0, [0])],
    ['[MQTT 3.14] a DISCONNECT with a body', frame(0xe0, [0])],
    ['[MQTT-3.3.1-2] a PUBLISH of QoS 0 with DUP', frame(0x38, field('a'), [0x7b])],
    ['[MQTT-2.2.2-2] a PUBREL with flags 0000', frame(0x60, ID)],
    ['[MQTT-2.2.2-2] a PUBREL without a packet identifier', frame(0x62)],
    ['[MQTT-2.2.2-2] a PUBACK with flags 0010', frame(0x42, ID)],
    ['[MQTT-3.8.1-1] a SUBSCRIBE with flags 0000', frame(0x80, ID, field('a'), [0])],
    ['[MQTT-2.3.1-1] a SUBSCRIBE with packet identifier 0', frame(0x82, [0, 0], field('a'), [0])],
    ['[MQTT-3.8.3-3] a SUBSCRIBE without a topic filter', frame(0x82, ID)],
    ['[MQTT-3-8.3-4] a SUBSCRIBE for QoS 3', frame(0x82, ID, field('a'), [3])],
    ['[MQTT-3-8.3-4] a SUBSCRIBE with reserved bits', frame(0x82, ID, field('a'), [0x41])],
    ['[MQTT-3.8.3-3] a SUBSCRIBE that ends before its QoS', frame(0x82, ID, field('a'))],
    ['[MQTT-1.5.3-2] a SUBSCRIBE to a filter with U+0000', frame(0x82, ID, field(NUL), [0])],
    ['[MQTT-1.5.3-1] a SUBSCRIBE to a filter of ill-formed UTF-8', frame(0x82, ID, field(ILL_FORMED.cut), [0])],
    ['[MQTT-4.7.3-1] a SUBSCRIBE to an empty filter', frame(0x82, ID, field(''), [0])],
    ['[MQTT-3.10.1-1] an UNSUBSCRIBE with flags 0000', frame(0xa0, ID, field('a'))],
    ['[MQTT-3.10.3-2] an UNSUBSCRIBE without a topic filter', frame(0xa2, ID)],
    ['[MQTT-2.3.1-1] an UNSUBSCRIBE with packet identifier 0', frame(0xa2, [0, 0], field('a'))],
    ['[MQTT-2.2.2-2] a PINGREQ with flags 0001', frame(0xc1)],
    ['[MQTT-3.14.1-1] a DISCONNECT with flags 0001', frame(0xe1)],
    ['[MQTT-4.8.0-1] a packet type 0, which is reserved', frame(0x00)],
    ['[MQTT-4.8.0-1] a packet type 15, which is reserved', frame(0xf0)],
    ['[MQTT-4.8.0-1] a CONNACK, which only a server sends', frame(0x20, [0, 0])],
    ['[MQTT-4.8.0-1] a SUBACK, which only a server sends', frame(0x90, ID, [0])],
    ['[MQTT-4.8.0-1] a PINGRESP, which only a server sends', frame(0xd0)],
    ['[MQTT 2.2.3] a length of five bytes', Buffer.from([0x32, 0x80, 0x80, 0x80, 0x80, 0x01])],
    ['[MQTT 2.2.3] a length without an end', Buffer.from([0x32, 0xff, 0xff, 0xff, 0xff])],
  ])('%s', async (_clause, bytes) => {
    await expectClosed(bytes);
  });

  it('a thousand packets of noise, while others are served', async () => {
    let seed = 20_261_122;
    const next = (): number => (seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0) >>> 24;
    for (let round = 0; round < 40; round += 1) {
      const { client } = await broker.logIn();
      client.send(Buffer.from(Array.from({ length: 25 * (1 + (round % 20)) }, next)));
      // Some noise is the beginning of a long packet: then nothing is due before its end.
      client.send(frame(0x36, field('a'), ID));
      client.socket.end();
      await client.closed();
    }
    await expectOthersServed();
  });
});

describe('a bad packet', () => {
  it('does not take back what was acknowledged before it, and what came before it is taken', async () => {
    const { device, client, topic } = await broker.logIn();
    client.send(publishPacket({ topic, messageId: 1, payload: unlock('first') }));
    await client.next('puback');
    client.send(frame(0x36, field(topic), ID));
    await client.closed();
    expect(await broker.usagesOf(device)).toBe(1);
  });

  it('of one byte more than the limit ends the connection before its body is read', async () => {
    const { client, topic } = await broker.logIn();
    const body = Buffer.concat([field(topic), Buffer.from(ID), Buffer.alloc(262_145)]).subarray(0, 262_145);
    client.send(frame(0x32, body).subarray(0, 100));
    await client.closed(2_000);
  });

  it('of exactly the limit is read, rejected for its payload and acknowledged', async () => {
    const { client, topic } = await broker.logIn();
    const body = Buffer.concat([field(topic), Buffer.from(ID), Buffer.alloc(262_144, ' ')]).subarray(0, 262_144);
    client.send(frame(0x32, body));
    expect(await client.next('puback')).toMatchObject({ messageId: 1 });
  });

  it('that says it is 256 MiB long ends the connection, also before the log-in', async () => {
    for (const firstByte of [0x10, 0x32, 0x82]) {
      const client = await broker.open();
      client.send(Buffer.from([firstByte, 0xff, 0xff, 0xff, 0x7f]));
      await client.closed(2_000);
    }
    const { client } = await broker.logIn();
    client.send(Buffer.from([0x32, 0xff, 0xff, 0xff, 0x7f]));
    await client.closed(2_000);
  });
});

describe('a truncated packet', () => {
  it('is waited for as long as the keep alive allows, and has no effect when the connection ends', async () => {
    const { device, client, topic } = await broker.logIn();
    const { generate } = await import('mqtt-packet');
    const whole = generate(publishPacket({ topic, messageId: 1, payload: unlock('cut') }));
    client.send(whole.subarray(0, -1));
    client.socket.end();
    await client.closed();
    expect(await broker.usagesOf(device)).toBe(0);
    await expectOthersServed();
  });

  it('is taken when the rest comes', async () => {
    const { device, client, topic } = await broker.logIn();
    const { generate } = await import('mqtt-packet');
    const whole = generate(publishPacket({ topic, messageId: 1, payload: unlock('slow') }));
    for (const byte of whole) {
      client.send(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
    expect(await client.next('puback')).toMatchObject({ messageId: 1 });
    expect(await broker.usagesOf(device)).toBe(1);
  });

  it('of a length in more bytes than needed is still read by its value [MQTT 2.2.3]', async () => {
    const { client, topic } = await broker.logIn();
    const body = Buffer.concat([field(topic), Buffer.from(ID), Buffer.from(unlock('padded'))]);
    // 0x80 | low 7 bits, 0x80 | next 7 bits, 0: three bytes where two would do.
    const length = Buffer.from([0x80 | (body.length % 128), 0x80 | (body.length >> 7), 0]);
    client.send(Buffer.concat([Buffer.from([0x32]), length, body]));
    await client.next('puback');
  });
});

describe('a CONNECT that is not finished', () => {
  it('is given up after ten seconds, drop by drop or not at all', { timeout: 30_000 }, async () => {
    const device = await broker.device();
    const { generate } = await import('mqtt-packet');
    const whole = generate(connectPacket(device));
    const [silent, slow, half] = [await broker.open(), await broker.open(), await broker.open()];
    half.send(whole.subarray(0, -1));
    let sent = 0;
    const drip = setInterval(() => slow.send(whole.subarray(sent, ++sent)), 400);
    const took = await Promise.all([silent, slow, half].map((client: RawMqtt) => client.closed(20_000)));
    clearInterval(drip);
    for (const ms of took) expect(ms).toBeLessThan(13_000);
    expect([silent, slow, half].flatMap(({ received }) => received)).toEqual([]);
    await expectOthersServed();
  });
});

it('[MQTT-1.5.3-3] a byte order mark in a topic is part of it, and not stripped', async () => {
  const { device, client } = await broker.logIn();
  const marked = `\ufeff${upwardTopic(device.publicId, 'usage')}`;
  client.send(frame(0x32, field(marked), ID, Buffer.from(unlock('bom'))));
  await client.next('puback');
  expect(await broker.usagesOf(device)).toBe(0);
  expect(await broker.rows('select code from rejected_message where device_key = $1', [device.key])).toEqual([
    { code: 'topic_not_allowed' },
  ]);
});
