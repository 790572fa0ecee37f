import { describe, expect, it } from 'vitest';
import { commandTopics, responseTopic } from '#contracts';
import { answerer, listening, payloadOf, range } from '../../support/listening.js';
import { publishPacket, unlock, useBroker } from '../../support/raw-mqtt.js';

const broker = useBroker({ subscriptionsPerClient: 20 });

describe('a session with clean session 0', () => {
  it('[MQTT-3.1.2-4] [MQTT-3.1.2-5] hears after its return what came while it was away, in order, without subscribing anew', async () => {
    const { device, client } = await listening(broker, { clean: false });
    client.cut();
    const send = await answerer(broker, device);
    for (const n of range(20)) await send(`${n}`);
    const { client: back, connack } = await broker.logIn({ device, clientId: 'hearer', clean: false });
    expect(connack.sessionPresent).toBe(true);
    const heard: string[] = [];
    while (heard.length < 20) heard.push(payloadOf(await back.next('publish')));
    expect(heard).toEqual(range(20).map(String));
  });

  it('[MQTT-4.4.0-1] [MQTT-3.3.1-1] hears again what it did not acknowledge, under the same packet identifier and with DUP', async () => {
    const { device, client } = await listening(broker, { clean: false });
    await (
      await answerer(broker, device)
    )('unacknowledged');
    const first = await client.next('publish');
    client.cut();
    const { client: back } = await broker.logIn({ device, clientId: 'hearer', clean: false });
    const second = await back.next('publish');
    expect(payloadOf(second)).toBe('unacknowledged');
    expect({ messageId: second.messageId, dup: second.dup }).toEqual({ messageId: first.messageId, dup: true });
  });

  it('[MQTT-4.3.2-1] hears no more of what it acknowledged', async () => {
    const { device, client } = await listening(broker, { clean: false });
    await (
      await answerer(broker, device)
    )('acknowledged');
    const { messageId = 0 } = await client.next('publish');
    client.send({ cmd: 'puback', messageId });
    await client.isQuiet();
    client.cut();
    const { client: back } = await broker.logIn({ device, clientId: 'hearer', clean: false });
    await back.isQuiet();
  });

  it('[MQTT-4.4.0-1] [MQTT-4.3.3-1] of QoS 2 goes on with PUBREL where it was cut off', async () => {
    const { device, client } = await listening(broker, { clean: false, qos: 2 });
    await (
      await answerer(broker, device)
    )('two', 2);
    const { messageId = 0 } = await client.next('publish');
    client.send({ cmd: 'pubrec', messageId });
    await client.next('pubrel');
    client.cut();
    const { client: back } = await broker.logIn({ device, clientId: 'hearer', clean: false });
    expect(await back.next('pubrel')).toMatchObject({ messageId });
    back.send({ cmd: 'pubcomp', messageId });
    await back.isQuiet();
  });

  it('[MQTT-3.10.4-2] hears nothing after its return of what it had unsubscribed from', async () => {
    const { device, client, filter } = await listening(broker, { clean: false });
    client.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: [filter] });
    await client.next('unsuback');
    client.cut();
    await (
      await answerer(broker, device)
    )('unheard');
    const { client: back } = await broker.logIn({ device, clientId: 'hearer', clean: false });
    await back.isQuiet();
  });

  it('[MQTT-3.1.2-6] of a clean one nothing is kept: neither subscription nor message', async () => {
    const { device, client } = await listening(broker, { clean: true });
    client.cut();
    await (
      await answerer(broker, device)
    )('unheard');
    const { client: back } = await broker.logIn({ device, clientId: 'hearer', clean: true });
    await back.isQuiet();
  });
});

describe('two devices', () => {
  it('never hear each other, whatever they send, subscribe to or call themselves', async () => {
    const [one, two] = [await listening(broker), await listening(broker)];
    two.client.send(
      ...[responseTopic(one.device.publicId, 'c1'), commandTopics(one.device.publicId).replace('#', 'c1')].map(
        (topic, index) => publishPacket({ topic, payload: 'from two', messageId: index + 1 }),
      ),
    );
    await two.client.nextIds('puback', 2);
    await one.client.isQuiet();
    one.client.send(publishPacket({ topic: one.topic, payload: unlock('own'), messageId: 1 }));
    await one.client.next('puback');
    await two.client.isQuiet();
  });
});
