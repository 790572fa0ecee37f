import { describe, expect, it } from 'vitest';
import {
  connectPacket,
  field,
  FLAGS,
  frame,
  MINUTE,
  MQTT_3_1_1,
  publishPacket,
  unlock,
  useBroker,
} from '../../support/raw-mqtt.js';

const broker = useBroker();

describe('a CONNECT', () => {
  it('[MQTT-3.2.0-1] [MQTT-3.1.4-4] is answered with CONNACK 0 first of all, also when packets follow in the same write', async () => {
    const [device, client] = [await broker.device(), await broker.open()];
    client.send(connectPacket(device), { cmd: 'pingreq' }, { cmd: 'pingreq' });
    expect(await client.next('connack')).toMatchObject({ returnCode: 0, sessionPresent: false });
    await client.next('pingresp');
    await client.next('pingresp');
  });

  it('[MQTT-3.1.0-1] must come first: any other packet closes the connection without a word', async () => {
    const first = [
      frame(0xc0),
      frame(0x32, field('a'), [0, 1]),
      frame(0x82, [0, 1], field('a'), [0]),
      frame(0xa2, [0, 1], field('a')),
      frame(0x62, [0, 1]),
      frame(0xe0),
    ];
    for (const packet of first) {
      const client = await broker.open();
      client.send(packet);
      await client.closed(3_000);
      expect(client.received).toEqual([]);
    }
  });

  it('[MQTT-3.1.0-1] must come first: a log-in behind another packet is not obeyed either', async () => {
    const [device, client] = [await broker.device(), await broker.open()];
    client.send({ cmd: 'pingreq' }, connectPacket(device));
    await client.closed(3_000);
    expect(client.received).toEqual([]);
  });

  it('[MQTT-3.1.0-2] must not come twice: the second closes the connection, and what follows is not obeyed', async () => {
    const { device, client, topic } = await broker.logIn();
    client.send(connectPacket(device), publishPacket({ topic, messageId: 1, payload: unlock('behind') }));
    await client.closed(3_000);
    expect(client.waiting).toEqual([]);
    expect(await broker.usagesOf(device)).toBe(0);
  });

  it('[MQTT-3.1.0-2] must not come twice, also while the first waits for its answer', async () => {
    const [device, client] = [await broker.device(), await broker.open()];
    client.send(connectPacket(device), connectPacket(device));
    await client.closed(3_000);
  });

  it('[MQTT-3.1.2-1] of another protocol name closes the connection', async () => {
    const device = await broker.device();
    const rest = [Buffer.from([4, FLAGS, ...MINUTE]), field('x'), field(device.publicId), field(device.secret)];
    for (const name of ['mqtt', 'MQTTX', 'HTTP', ''])
      expect((await broker.answerTo(field(name), ...rest)).length).toBe(0);
  });

  it('[MQTT-3.1.2-2] of an unknown protocol level is answered with return code 1 and closed', async () => {
    const device = await broker.device();
    const rest = [Buffer.from([FLAGS, ...MINUTE]), field('x'), field(device.publicId), field(device.secret)];
    for (const level of [0, 1, 2, 6, 0x7f, 0x84, 0xff]) {
      expect([level, await broker.answerTo(field('MQTT'), [level], ...rest)]).toEqual([
        level,
        Buffer.from([0x20, 2, 0, 1]),
      ]);
    }
  });

  it('[MQTT-3.1.2-2] of MQTT 5 is answered in MQTT 5’s own words, 0x84, and closed', async () => {
    const device = await broker.device();
    const rest = [Buffer.from([5, FLAGS, ...MINUTE, 0]), field('x'), field(device.publicId), field(device.secret)];
    expect(await broker.answerTo(field('MQTT'), ...rest)).toEqual(Buffer.from([0x20, 3, 0, 0x84, 0]));
  });

  it('of MQTT 3.1 (MQIsdp, level 3) is let in', async () => {
    const { client, connack } = await broker.logIn({ protocolId: 'MQIsdp', protocolVersion: 3 });
    expect(connack).toMatchObject({ returnCode: 0 });
    await client.isQuiet();
  });

  it('[MQTT-3.1.2-2] of a name and a level that do not belong together is refused', async () => {
    const device = await broker.device();
    const rest = [Buffer.from([FLAGS, ...MINUTE]), field('x'), field(device.publicId), field(device.secret)];
    for (const [name, level] of [
      ['MQIsdp', 4],
      ['MQTT', 3],
    ] as const) {
      const answer = await broker.answerTo(field(name), [level], ...rest);
      expect([name, [Buffer.alloc(0), Buffer.from([0x20, 2, 0, 1])].some((one) => one.equals(answer))]).toEqual([
        name,
        true,
      ]);
    }
  });

  it('[MQTT-3.1.2-3] with the reserved flag set closes the connection', async () => {
    const { publicId, secret } = await broker.device();
    const rest = [field('x'), field(publicId), field(secret)];
    expect((await broker.answerTo(MQTT_3_1_1, [FLAGS | 1, ...MINUTE], ...rest)).length).toBe(0);
  });

  it.each([
    ['[MQTT-3.1.2-13] will QoS without a will', 0xc2 | 0x08],
    ['[MQTT-3.1.2-15] will retain without a will', 0xc2 | 0x20],
    ['[MQTT-3.1.2-14] will QoS 3', 0xc2 | 0x04 | 0x18],
    ['[MQTT-3.1.2-22] a password without a user name', 0x42],
  ])('with %s closes the connection', async (_clause, flags) => {
    const { publicId, secret } = await broker.device();
    const will = flags & 0x04 ? [field('a'), field('b')] : [];
    const who = flags & 0x80 ? [field(publicId)] : [];
    const answer = await broker.answerTo(MQTT_3_1_1, [flags, ...MINUTE], field('x'), ...will, ...who, field(secret));
    expect(answer.length).toBe(0);
  });

  it.each([
    ['[MQTT-3.1.2-21] without the password that its flags promise', (user: Buffer) => [field('x'), user]],
    ['[MQTT-3.1.3-1] without anything', () => []],
    ['[MQTT-1.5.3-2] with U+0000 in its client id', (user: Buffer, secret: Buffer) => [field('x\0y'), user, secret]],
    [
      '[MQTT-1.5.3-1] with ill-formed UTF-8 in its client id',
      (user: Buffer, secret: Buffer) => [field(Buffer.from([0xff, 0xfe])), user, secret],
    ],
    [
      '[MQTT-3.1.4-1] with more bytes than its fields',
      (user: Buffer, secret: Buffer) => [field('x'), user, secret, Buffer.from([0, 1, 2])],
    ],
  ])('%s closes the connection without a word', async (_clause, rest) => {
    const { publicId, secret } = await broker.device();
    const answer = await broker.answerTo(MQTT_3_1_1, [FLAGS, ...MINUTE], ...rest(field(publicId), field(secret)));
    expect(answer.length).toBe(0);
  });

  it('[MQTT-3.2.2-4] [MQTT-3.2.2-5] [MQTT-3.1.4-5] that is refused is answered, closed, and nothing behind it is done', async () => {
    const device = await broker.device();
    const client = await broker.open();
    const topic = `wt/v1/${device.publicId}/usage`;
    client.send(
      connectPacket({ ...device, secret: 'wrong' }, { clean: false }),
      publishPacket({ topic, messageId: 1, payload: unlock('behind') }),
    );
    expect(await client.next('connack')).toMatchObject({ returnCode: 4, sessionPresent: false });
    await client.closed();
    expect(await broker.usagesOf(device)).toBe(0);
  });
});

describe('a client id', () => {
  it('[MQTT-3.1.3-5] of 1 to 23 letters and digits is let in, and far longer ones with any character', async () => {
    const whole = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
    for (const clientId of ['a', whole.slice(0, 23), whole.slice(23, 46), whole.slice(39), whole, 'å/+#:$ ☺']) {
      expect((await broker.logIn({ clientId })).connack.returnCode).toBe(0);
    }
  });

  it('[MQTT-3.1.3-6] [MQTT-3.1.3-7] that is empty is made up by the broker for a clean session, a new one for each', async () => {
    const device = await broker.device();
    const [one, two] = [await broker.logIn({ device, clientId: '' }), await broker.logIn({ device, clientId: '' })];
    await one.client.isQuiet();
    await two.client.isQuiet();
  });

  it('[MQTT-3.1.3-8] that is empty with clean session 0 is answered with return code 2 and closed', async () => {
    const { publicId, secret } = await broker.device();
    const answer = await broker.answerTo(
      MQTT_3_1_1,
      [FLAGS & ~0x02, ...MINUTE],
      field(''),
      field(publicId),
      field(secret),
    );
    expect(answer).toEqual(Buffer.from([0x20, 2, 0, 2]));
  });

  it('[MQTT-3.1.4-2] that is already connected is taken over: the earlier connection ends, the later one works', async () => {
    for (const clean of [true, false]) {
      const { device, client, topic } = await broker.logIn({ clientId: 'same', clean });
      const { client: later } = await broker.logIn({ device, clientId: 'same', clean });
      await client.closed();
      later.send(publishPacket({ topic, messageId: 1, payload: unlock('later') }));
      await later.next('puback');
      expect(await broker.usagesOf(device)).toBe(1);
    }
  });

  it('[MQTT-3.1.4-2] may be taken over many times in a row without ever being locked out', async () => {
    const { device } = await broker.logIn({ clientId: 'same' });
    for (let time = 0; time < 25; time += 1) {
      expect((await broker.logIn({ device, clientId: 'same' })).connack.returnCode).toBe(0);
    }
  });
});

describe('a session', () => {
  const filterOf = ({ publicId }: { publicId: string }): string => `wt/v1/${publicId}/command/#`;

  it('[MQTT-3.2.2-1] is never present for a clean session', async () => {
    const { device, client } = await broker.logIn({ clientId: 's', clean: false });
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: filterOf(device), qos: 1 }] });
    await client.next('suback');
    client.cut();
    expect((await broker.logIn({ device, clientId: 's', clean: true })).connack.sessionPresent).toBe(false);
  });

  it('[MQTT-3.1.2-4] [MQTT-3.2.2-2] with clean session 0 is kept, and said to be present', async () => {
    const { device, client, connack } = await broker.logIn({ clientId: 's', clean: false });
    expect(connack.sessionPresent).toBe(false); // [MQTT-3.2.2-3]
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: filterOf(device), qos: 1 }] });
    await client.next('suback');
    client.cut();
    expect((await broker.logIn({ device, clientId: 's', clean: false })).connack.sessionPresent).toBe(true);
  });

  it('[MQTT-3.2.2-2] is present also without any subscription', async () => {
    const { device, client } = await broker.logIn({ clientId: 's', clean: false });
    client.cut();
    expect((await broker.logIn({ device, clientId: 's', clean: false })).connack.sessionPresent).toBe(true);
  });

  it('[MQTT-3.1.2-6] is gone after a clean session of the same client id', async () => {
    const { device, client } = await broker.logIn({ clientId: 's', clean: false });
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: filterOf(device), qos: 1 }] });
    await client.next('suback');
    client.send({ cmd: 'disconnect' });
    (await broker.logIn({ device, clientId: 's', clean: true })).client.cut();
    const again = await broker.logIn({ device, clientId: 's', clean: false });
    expect(again.connack.sessionPresent).toBe(false);
    again.client.send(
      publishPacket({ topic: `wt/v1/${device.publicId}/command/1/response`, messageId: 1, payload: 'x' }),
    );
    await again.client.next('puback');
    await again.client.isQuiet();
  });
});
