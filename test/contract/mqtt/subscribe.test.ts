import { describe, expect, it, vi } from 'vitest';
import { commandTopics, responseTopic, upwardTopic } from '#contracts';
import { answerer, listening, payloadOf, range, subscribe } from '../../support/listening.js';
import { publishPacket, useBroker } from '../../support/raw-mqtt.js';

const broker = useBroker({ subscriptionsPerClient: 20 });

describe('a SUBSCRIBE', () => {
  it('[MQTT-3.8.4-1] [MQTT-3.9.3-2] is granted its own commands at the quality of service asked for', async () => {
    const { device, client } = await broker.logIn();
    for (const qos of [0, 1, 2] as const) {
      expect(await subscribe(client, [commandTopics(device.publicId)], qos)).toEqual([qos]);
    }
  });

  it('[MQTT-3.8.4-5] [MQTT-3.9.3-1] is answered with one code per filter in their order, 0x80 for what is not its own', async () => {
    const [{ device, client }, other] = [await broker.logIn(), await broker.device()];
    const own = `wt/v1/${device.publicId}`;
    const granted = await subscribe(client, [
      `${own}/command/#`,
      '#',
      `${own}/command/one`,
      commandTopics(other.publicId),
      upwardTopic(device.publicId, 'state'),
      `${own}/#`,
      'wt/v1/+/command/#',
      '$SYS/#',
      '+/+',
      `${own}/command/two`,
    ]);
    expect(granted).toEqual([1, 0x80, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1]);
  });

  // aedes 1.2.0 answers once for each different filter; this turns red when it no longer does.
  it.fails('[MQTT-3.8.4-5] is answered with a code for every filter, also when the same one comes twice', async () => {
    const { device, client } = await broker.logIn();
    const filter = commandTopics(device.publicId);
    expect(await subscribe(client, [filter, `${filter.slice(0, -1)}x`, filter])).toEqual([1, 1, 1]);
  });

  it('of a shared subscription is refused: it would be granted and never delivered', async () => {
    const { device, client } = await broker.logIn();
    for (const group of ['$share/g', '$queue', '$SHARE/g']) {
      expect(await subscribe(client, [`${group}/${commandTopics(device.publicId)}`])).toEqual([0x80]);
    }
  });

  it.each([
    ['[MQTT-4.7.1-2] # not as the last character', '/#/x'],
    ['[MQTT-4.7.1-2] # within a level', '/x#'],
    ['[MQTT-4.7.1-3] + within a level', '/x+'],
    ['[MQTT-4.7.1-3] + at the beginning of a level', '/+x/y'],
  ])('with %s closes the connection or is refused', async (_clause, rest) => {
    const { device, client } = await broker.logIn();
    const topic = `wt/v1/${device.publicId}/command${rest}`;
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 1 }] });
    await vi.waitFor(() => expect(client.isClosed || client.waiting.length > 0).toBe(true), 5_000);
    if (!client.isClosed) expect((await client.next('suback')).granted).toEqual([0x80]);
  });

  it('[MQTT-3.3.5-1] delivers each message once, at most at the quality of service granted', async () => {
    for (const granted of [0, 1, 2] as const) {
      const { device, client } = await listening(broker, { qos: granted });
      const send = await answerer(broker, device);
      for (const sent of [0, 1, 2] as const) {
        await send(`sent ${sent}`, sent);
        const heard = await client.next('publish');
        expect([payloadOf(heard), heard.qos]).toEqual([`sent ${sent}`, Math.min(sent, granted)]);
        expect({ retain: heard.retain, dup: heard.dup }).toEqual({ retain: false, dup: false }); // [MQTT-3.3.1-9]
        if (heard.qos === 1) client.send({ cmd: 'puback', messageId: heard.messageId ?? 0 });
        if (heard.qos === 2) {
          client.send({ cmd: 'pubrec', messageId: heard.messageId ?? 0 });
          expect((await client.next('pubrel')).messageId).toBe(heard.messageId);
          client.send({ cmd: 'pubcomp', messageId: heard.messageId ?? 0 });
        }
      }
      await client.isQuiet();
    }
  });

  it('[MQTT-3.8.4-3] to the same filter replaces the earlier one: one copy of each message, at the new quality', async () => {
    const { device, client, filter } = await listening(broker, { qos: 0 });
    expect(await subscribe(client, [filter], 1)).toEqual([1]);
    expect(await subscribe(client, [filter], 1)).toEqual([1]);
    await (
      await answerer(broker, device)
    )('one');
    expect(await client.next('publish')).toMatchObject({ qos: 1 });
    await client.isQuiet();
  });

  it('[MQTT-3.8.4-3] to the same filter is no further subscription: it can be repeated for ever', async () => {
    const { client, filter } = await listening(broker);
    for (let time = 0; time < 60; time += 1) expect(await subscribe(client, [filter])).toEqual([1]);
  });

  it('[MQTT-3.3.1-2] [MQTT-3.3.1-3] hears nothing of the sender’s DUP flag', async () => {
    const { device, client } = await listening(broker);
    const sender = await broker.logIn({ device, clientId: 'sender' });
    const topic = responseTopic(device.publicId, 'c1');
    sender.client.send(publishPacket({ topic, payload: 'x', messageId: 5, dup: true }));
    await sender.client.next('puback');
    expect((await client.next('publish')).dup).toBe(false);
  });

  it('[MQTT-3.3.1-5] finds no answer kept, though it was sent retained: an answer is for who asked, not for who comes later', async () => {
    const { device, client } = await broker.logIn();
    client.send(
      publishPacket({ topic: responseTopic(device.publicId, 'c1'), payload: 'x', messageId: 1, retain: true }),
    );
    await client.next('puback');
    expect(await subscribe(client, [commandTopics(device.publicId)])).toEqual([1]);
    await client.isQuiet();
  });

  it('[MQTT-4.6.0-6] [MQTT-4.5.0-1] hears messages in the order in which they were sent', async () => {
    const { device, client } = await listening(broker);
    const sender = await broker.logIn({ device, clientId: 'sender' });
    const topic = responseTopic(device.publicId, 'c1');
    sender.client.send(...range(50).map((messageId) => publishPacket({ topic, payload: `${messageId}`, messageId })));
    const heard: string[] = [];
    while (heard.length < 50) {
      const packet = await client.next('publish');
      heard.push(payloadOf(packet));
      client.send({ cmd: 'puback', messageId: packet.messageId ?? 0 });
    }
    expect(heard).toEqual(range(50).map(String));
  });

  it('[MQTT-2.3.1-2] gives each message in flight a packet identifier of its own, never 0', async () => {
    const { device, client } = await listening(broker);
    const send = await answerer(broker, device);
    for (const n of range(20)) await send(`${n}`);
    const ids = await client.nextIds('publish', 20);
    expect(new Set(ids).size).toBe(20);
    expect(ids).not.toContain(0);
  });
});

describe('an UNSUBSCRIBE', () => {
  it('[MQTT-3.10.4-4] [MQTT-3.10.4-2] is acknowledged under its packet identifier, and nothing is heard from then on', async () => {
    const { device, client, filter } = await listening(broker);
    const send = await answerer(broker, device);
    client.send({ cmd: 'unsubscribe', messageId: 12, unsubscriptions: [filter] });
    expect(await client.next('unsuback')).toMatchObject({ messageId: 12 });
    await send('unheard');
    await client.isQuiet();
  });

  it('[MQTT-3.10.4-5] [MQTT-3.10.4-6] is acknowledged once, also for several filters and ones never subscribed', async () => {
    const { client, filter } = await listening(broker);
    const unsubscriptions = ['never/subscribed', filter, '#', `${filter}/`.replace('#/', '+')];
    client.send({ cmd: 'unsubscribe', messageId: 13, unsubscriptions });
    expect(await client.next('unsuback')).toMatchObject({ messageId: 13 });
    await client.isQuiet();
  });

  it('[MQTT-3.10.4-1] compares character by character: a filter that would match as well is another one', async () => {
    const { device, client } = await broker.logIn();
    const own = `wt/v1/${device.publicId}/command`;
    await subscribe(client, [`${own}/#`]);
    client.send({ cmd: 'unsubscribe', messageId: 14, unsubscriptions: [`${own}/+/response`, own] });
    await client.next('unsuback');
    await (
      await answerer(broker, device)
    )('heard');
    expect(payloadOf(await client.next('publish'))).toBe('heard');
  });

  it('frees the place of the subscription: subscribing and unsubscribing can go on for ever', async () => {
    const { device, client } = await broker.logIn();
    for (const n of range(60)) {
      const filter = `wt/v1/${device.publicId}/command/c${n}`;
      expect([n, await subscribe(client, [filter])]).toEqual([n, [1]]);
      client.send({ cmd: 'unsubscribe', messageId: 15, unsubscriptions: [filter] });
      await client.next('unsuback');
    }
  });
});
