import { describe, expect, it, vi } from 'vitest';
import { field, FLAGS, frame, MINUTE, MQTT_3_1_1, publishPacket, unlock, useBroker } from '../../support/raw-mqtt.js';

const broker = useBroker();

describe('keep alive', () => {
  it('[MQTT-3.1.2-24] ends a connection that is silent for one and a half times as long', async () => {
    const { client } = await broker.logIn({ keepalive: 1 });
    const took = await client.closed(4_000);
    expect(took).toBeGreaterThan(1_200);
    expect(took).toBeLessThan(3_000);
  });

  it('[MQTT-3.1.2-24] counts any packet of the client, not only pings', async () => {
    const { device, client, topic } = await broker.logIn({ keepalive: 1 });
    for (let messageId = 1; messageId <= 5; messageId += 1) {
      client.send(publishPacket({ topic, messageId, payload: unlock(`${messageId}`) }));
      await client.next('puback');
      await new Promise((resolve) => setTimeout(resolve, 700));
    }
    expect(client.isClosed).toBe(false);
    expect(await broker.usagesOf(device)).toBe(5);
  });

  it('[MQTT 3.1.2.10] of 0 is no limit', async () => {
    const { client } = await broker.logIn({ keepalive: 0 });
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await client.isQuiet();
  });

  it('[MQTT-3.12.4-1] PINGREQ is answered with PINGRESP, each one', async () => {
    const { client } = await broker.logIn();
    client.send(...Array.from({ length: 20 }, () => ({ cmd: 'pingreq' }) as const));
    for (let count = 0; count < 20; count += 1) await client.next('pingresp');
  });
});

describe('a last will', () => {
  const will = (device: { publicId: string }) =>
    ({
      topic: `wt/v1/${device.publicId}/state`,
      payload: Buffer.from('{"state":"lost"}'),
      qos: 1,
      retain: true,
    }) as const;
  const stateOf = async ({ key }: { key: number }): Promise<unknown> =>
    (await broker.rows<{ state: string }>('select state from device_signal where device_key = $1', [key]))[0]?.state;
  /** Logs in with the will and says that it is online. */
  async function online(given: { keepalive?: number } = {}) {
    const device = await broker.device();
    const loggedIn = await broker.logIn({ device, will: will(device), ...given });
    loggedIn.client.send(publishPacket({ ...will(device), payload: '{"state":"online"}', messageId: 1 }));
    await loggedIn.client.next('puback');
    return loggedIn;
  }

  it('[MQTT-3.1.2-8] is published when the connection breaks', async () => {
    const { device, client } = await online();
    client.cut();
    await vi.waitFor(async () => expect(await stateOf(device)).toBe('lost'), 5_000);
  });

  it('[MQTT-3.1.2-8] is published when the connection is closed in good order but without DISCONNECT', async () => {
    const { device, client } = await online();
    client.socket.end();
    await vi.waitFor(async () => expect(await stateOf(device)).toBe('lost'), 5_000);
  });

  it('[MQTT-3.1.2-8] is published when the keep alive runs out', async () => {
    const { device } = await online({ keepalive: 1 });
    await vi.waitFor(async () => expect(await stateOf(device)).toBe('lost'), 6_000);
  });

  it('[MQTT-3.1.2-8] is published when the broker closes for a protocol error', async () => {
    const { device, client } = await online();
    client.send(frame(0x36, field('a'), [0, 1]));
    await vi.waitFor(async () => expect(await stateOf(device)).toBe('lost'), 5_000);
  });

  it('[MQTT-3.1.2-8] is published when another connection takes over the client id', async () => {
    const { device } = await online();
    await broker.logIn({ device });
    await vi.waitFor(async () => expect(await stateOf(device)).toBe('lost'), 5_000);
  });

  it('[MQTT-3.14.4-3] [MQTT-3.1.2-10] is not published after DISCONNECT', async () => {
    const { device, client } = await online();
    client.send({ cmd: 'disconnect' });
    await client.closed(); // [MQTT-3.14.4-1]
    // A later message of the same device has gone the same way: a will would have come before it.
    const { client: later } = await broker.logIn({ device, clientId: 'later' });
    later.send(publishPacket({ topic: `wt/v1/${device.publicId}/health`, messageId: 1, payload: '{"battery":50}' }));
    await later.next('puback');
    expect(await stateOf(device)).toBe('online');
  });

  it('[MQTT-3.1.2-17] that is retained does no harm on a topic that is not the device’s own: it goes nowhere', async () => {
    const [device, other] = [await broker.device(), await broker.device()];
    const { client } = await broker.logIn({ device, will: will(other) });
    client.cut();
    const rejects = () => broker.rows('select code from rejected_message where device_key = $1', [device.key]);
    await vi.waitFor(async () => expect(await rejects()).toEqual([{ code: 'topic_not_allowed' }]), 5_000);
    expect(await stateOf(other)).toBeUndefined();
  });

  it.each([
    ['[MQTT-4.7.1-1] with a wildcard', field('wt/v1/+/state')],
    ['[MQTT-4.7.3-1] that is empty', field('')],
    ['[MQTT-1.5.3-2] with U+0000', field('a\0b')],
  ])('for a topic %s is refused with the log-in', async (_clause, willTopic) => {
    const { publicId, secret } = await broker.device();
    const rest = [field('x'), willTopic, field('lost'), field(publicId), field(secret)];
    expect((await broker.answerTo(MQTT_3_1_1, [FLAGS | 0x04, ...MINUTE], ...rest)).length).toBe(0);
  });
});

describe('after DISCONNECT', () => {
  it('[MQTT-3.14.4-2] nothing that a client still sends is obeyed', async () => {
    const { device, client, topic } = await broker.logIn();
    client.send({ cmd: 'disconnect' }, publishPacket({ topic, messageId: 1, payload: unlock('behind') }));
    await client.closed();
    expect(client.waiting).toEqual([]);
    expect(await broker.usagesOf(device)).toBe(0);
  });
});
