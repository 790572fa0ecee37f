import { describe, expect, it, vi } from 'vitest';
import { responseTopic, upwardTopic } from '#contracts';
import { frame, field, publishPacket, unlock, useBroker } from '../../support/raw-mqtt.js';

const broker = useBroker();
const range = (count: number, from = 1): number[] => Array.from({ length: count }, (_, index) => from + index);

describe('a PUBLISH of QoS 1', () => {
  it('[MQTT-3.3.4-1] [MQTT-4.3.2-2] is answered with PUBACK of the same packet identifier, once it is stored', async () => {
    const { device, client, topic } = await broker.logIn();
    for (const messageId of [1, 0x1234, 65_535]) {
      client.send(publishPacket({ topic, messageId, payload: unlock(`${messageId}`) }));
      expect(await client.next('puback')).toMatchObject({ messageId });
    }
    expect(await broker.usagesOf(device)).toBe(3);
    await client.isQuiet();
  });

  it('[MQTT-4.6.0-2] is acknowledged in the order of arrival, a thousand in one write', async () => {
    const { device, client, topic } = await broker.logIn();
    const ids = range(1_000);
    client.send(...ids.map((messageId) => publishPacket({ topic, messageId, payload: unlock(`${messageId}`) })));
    expect(await client.nextIds('puback', 1_000)).toEqual(ids);
    expect(await broker.usagesOf(device)).toBe(1_000);
  });

  it('[MQTT-4.6.0-2] keeps that order between good, bad, large and foreign messages on all its topics', async () => {
    const { device, client, topic } = await broker.logIn();
    const kinds = [
      { topic, payload: unlock('good') },
      { topic, payload: '{"metric":' },
      { topic, payload: Buffer.alloc(70_000, 'x') },
      { topic: 'somebody/else', payload: 'x' },
      { topic: upwardTopic(device.publicId, 'state'), payload: '{"state":"online"}', retain: true },
      { topic: upwardTopic(device.publicId, 'health'), payload: '{"battery":50}' },
      { topic, payload: JSON.stringify(range(100).map((n) => ({ id: `a${n}`, metric: 'unlock', at: Date.now() }))) },
      { topic, payload: '' },
    ];
    const publishes = range(200).map((messageId) => {
      return publishPacket({ ...(kinds[messageId % kinds.length] ?? { topic, payload: '' }), messageId });
    });
    client.send(...publishes);
    expect(await client.nextIds('puback', 200)).toEqual(range(200));
  });

  it('[MQTT-4.6.0-2] keeps that order between usages and answers to commands, which are not stored', async () => {
    const { device, client, topic } = await broker.logIn();
    const answer = { topic: responseTopic(device.publicId, 'c1'), payload: 'done' };
    client.send(
      ...range(60).map((messageId) =>
        publishPacket({ messageId, ...(messageId % 3 === 0 ? answer : { topic, payload: unlock(`${messageId}`) }) }),
      ),
    );
    expect(await client.nextIds('puback', 60)).toEqual(range(60));
  });

  it('[MQTT-4.6.0-2] keeps that order when packets come in pieces, one byte at a time or cut anywhere', async () => {
    const { client, topic } = await broker.logIn();
    const { generate } = await import('mqtt-packet');
    const bytes = (ids: number[]): Buffer =>
      Buffer.concat(
        ids.map((messageId) => generate(publishPacket({ topic, messageId, payload: unlock(`${messageId}`) }))),
      );
    const singles = bytes(range(3));
    for (let index = 0; index < singles.length; index += 1) client.send(singles.subarray(index, index + 1));
    const pieces = bytes(range(60, 4));
    for (let index = 0; index < pieces.length; index += 37) {
      client.send(pieces.subarray(index, index + 37));
      if (index % 5 === 0) await new Promise(setImmediate);
    }
    expect(await client.nextIds('puback', 63)).toEqual(range(63));
  });

  it('[MQTT-4.6.0-2] keeps that order over the three qualities of service mixed', async () => {
    const { device, client, topic } = await broker.logIn();
    client.send(
      ...range(30).map((messageId) =>
        publishPacket({ topic, qos: messageId % 3 === 0 ? 2 : 1, messageId, payload: unlock(`${messageId}`) }),
      ),
      publishPacket({ topic, qos: 0, payload: unlock('zero') }),
    );
    await vi.waitFor(() => expect(client.waiting).toHaveLength(30), 5_000);
    const of = (cmd: string) => client.waiting.filter((packet) => packet.cmd === cmd).map(({ messageId }) => messageId);
    expect(of('puback')).toEqual(range(30).filter((id) => id % 3 !== 0));
    // [MQTT-4.6.0-3]
    expect(of('pubrec')).toEqual(range(30).filter((id) => id % 3 === 0));
    await vi.waitFor(async () => expect(await broker.usagesOf(device)).toBe(31));
  });

  it('[MQTT-3.3.1-1] [MQTT-4.3.2-1] is acknowledged again when it is sent again with DUP, and is stored once', async () => {
    const { device, client, topic } = await broker.logIn();
    const payload = unlock('again');
    client.send(publishPacket({ topic, messageId: 7, payload }));
    await client.next('puback');
    client.send(publishPacket({ topic, messageId: 7, payload, dup: true }));
    client.send(publishPacket({ topic, messageId: 7, payload, dup: true }));
    expect(await client.nextIds('puback', 2)).toEqual([7, 7]);
    expect(await broker.usagesOf(device)).toBe(1);
  });

  it('[MQTT-4.4.0-1] is taken after a lost connection under its packet identifier and DUP, and is stored once', async () => {
    const { device, client, topic } = await broker.logIn({ clean: false, clientId: 'back' });
    const payload = unlock('lost ack');
    client.send(publishPacket({ topic, messageId: 9, payload }));
    await vi.waitFor(async () => expect(await broker.usagesOf(device)).toBe(1));
    client.cut();
    const again = await broker.logIn({ device, clean: false, clientId: 'back' });
    again.client.send(publishPacket({ topic, messageId: 9, payload, dup: true }));
    expect(await again.client.next('puback')).toMatchObject({ messageId: 9 });
    expect(await broker.usagesOf(device)).toBe(1);
  });

  it('[MQTT-2.3.1-4] may use a packet identifier anew once it is acknowledged', async () => {
    const { device, client, topic } = await broker.logIn();
    for (const id of ['one', 'two', 'three']) {
      client.send(publishPacket({ topic, messageId: 1, payload: unlock(id) }));
      await client.next('puback');
    }
    expect(await broker.usagesOf(device)).toBe(3);
  });

  it('[MQTT-3.3.5-2] on a topic that is not its own is acknowledged, goes nowhere and is not kept', async () => {
    const [{ client, device }, other] = [await broker.logIn(), await broker.logIn()];
    const foreign = [
      other.topic,
      upwardTopic(other.device.publicId, 'state'),
      'a',
      '/',
      '$SYS/x',
      `${other.topic}/more`,
    ];
    client.send(...foreign.map((topic, index) => publishPacket({ topic, messageId: index + 1, payload: unlock('x') })));
    expect(await client.nextIds('puback', foreign.length)).toEqual(range(foreign.length));
    expect(await broker.usagesOf(other.device)).toBe(0);
    const rejects = await broker.rows('select code from rejected_message where device_key = $1', [device.key]);
    expect(rejects).toEqual(foreign.map(() => ({ code: 'topic_not_allowed' })));
  });

  it('of 64 KiB and one byte is rejected and acknowledged; of 64 KiB it is read', async () => {
    const { device, client, topic } = await broker.logIn();
    const padded = (bytes: number): string => unlock('large').padEnd(bytes, ' ');
    client.send(publishPacket({ topic, messageId: 1, payload: padded(65_537) }));
    client.send(publishPacket({ topic, messageId: 2, payload: padded(65_536) }));
    expect(await client.nextIds('puback', 2)).toEqual([1, 2]);
    expect(await broker.usagesOf(device)).toBe(1);
    const rejects = await broker.rows('select code from rejected_message where device_key = $1', [device.key]);
    expect(rejects).toEqual([{ code: 'payload_too_large' }]);
  });

  it('with an empty payload is taken and acknowledged [MQTT 3.3.3]', async () => {
    const { client, topic } = await broker.logIn();
    client.send(frame(0x32, field(topic), [0, 1]));
    expect(await client.next('puback')).toMatchObject({ messageId: 1 });
    await client.isQuiet();
  });
});

describe('a PUBLISH of QoS 0', () => {
  it('[MQTT-3.3.4-1] [MQTT-4.3.1-1] is stored and answered with nothing', async () => {
    const { device, client, topic } = await broker.logIn();
    client.send(publishPacket({ topic, qos: 0, payload: unlock('zero') }));
    await vi.waitFor(async () => expect(await broker.usagesOf(device)).toBe(1));
    await client.isQuiet();
  });
});

describe('a PUBLISH of QoS 2', () => {
  it('[MQTT-4.3.3-2] goes through PUBREC, PUBREL and PUBCOMP, and is stored once', async () => {
    const { device, client, topic } = await broker.logIn();
    client.send(publishPacket({ topic, qos: 2, messageId: 5, payload: unlock('two') }));
    expect(await client.next('pubrec')).toMatchObject({ messageId: 5 });
    client.send({ cmd: 'pubrel', messageId: 5 });
    expect(await client.next('pubcomp')).toMatchObject({ messageId: 5 });
    expect(await broker.usagesOf(device)).toBe(1);
    await client.isQuiet();
  });

  it('[MQTT-4.3.3-2] sent again before its PUBREL is answered with PUBREC and has no second effect', async () => {
    const { device, client, topic } = await broker.logIn();
    const payload = unlock('two');
    client.send(publishPacket({ topic, qos: 2, messageId: 5, payload }));
    await client.next('pubrec');
    client.send(publishPacket({ topic, qos: 2, messageId: 5, payload, dup: true }));
    expect(await client.next('pubrec')).toMatchObject({ messageId: 5 });
    client.send({ cmd: 'pubrel', messageId: 5 });
    await client.next('pubcomp');
    expect(await broker.usagesOf(device)).toBe(1);
  });

  it('[MQTT-4.3.3-2] is complete after its PUBCOMP: the same identifier then names another message', async () => {
    const { device, client, topic } = await broker.logIn();
    for (const id of ['one', 'two']) {
      client.send(publishPacket({ topic, qos: 2, messageId: 5, payload: unlock(id) }));
      await client.next('pubrec');
      client.send({ cmd: 'pubrel', messageId: 5 });
      await client.next('pubcomp');
    }
    expect(await broker.usagesOf(device)).toBe(2);
  });

  it('[MQTT-4.4.0-1] is completed after a lost connection by its PUBREL alone', async () => {
    const { device, client, topic } = await broker.logIn({ clean: false, clientId: 'back' });
    client.send(publishPacket({ topic, qos: 2, messageId: 6, payload: unlock('two') }));
    await client.next('pubrec');
    client.cut();
    const { client: again } = await broker.logIn({ device, clean: false, clientId: 'back' });
    again.send({ cmd: 'pubrel', messageId: 6 });
    expect(await again.next('pubcomp')).toMatchObject({ messageId: 6 });
    expect(await broker.usagesOf(device)).toBe(1);
  });

  it('[MQTT-4.3.3-1] a PUBREL that nobody waits for is answered with PUBCOMP, so that the sender can forget it', async () => {
    const { client } = await broker.logIn();
    client.send({ cmd: 'pubrel', messageId: 77 });
    expect(await client.next('pubcomp')).toMatchObject({ messageId: 77 });
  });
});
