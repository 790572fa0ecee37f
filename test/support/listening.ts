import { expect } from 'vitest';
import { commandTopics, responseTopic } from '#contracts';
import type { TestDevice } from './ingest.js';
import { type BrokerUnderTest, type LoggedIn, publishPacket, type RawMqtt } from './raw-mqtt.js';

type QoS = 0 | 1 | 2;

/** 1 to the count. */
export const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

/** Subscribes to filters at a quality of service; the codes that answer. */
export async function subscribe(client: RawMqtt, filters: readonly string[], qos: QoS = 1): Promise<unknown> {
  client.send({ cmd: 'subscribe', messageId: 4711, subscriptions: filters.map((topic) => ({ topic, qos })) });
  const suback = await client.next('suback');
  expect(suback.messageId).toBe(4711); // [MQTT-3.8.4-2]
  return suback.granted;
}

/** A second connection of the same device that answers commands: what the first one then hears. */
export async function answerer(
  broker: BrokerUnderTest,
  device: TestDevice,
): Promise<(payload: string, qos?: QoS) => Promise<void>> {
  const { client } = await broker.logIn({ device, clientId: 'answerer' });
  let messageId = 0;
  return async (payload, qos = 1) => {
    const topic = responseTopic(device.publicId, 'c1');
    messageId += 1;
    client.send(publishPacket({ topic, payload, qos, ...(qos > 0 ? { messageId } : {}) }));
    if (qos === 1) await client.next('puback');
    if (qos !== 2) return;
    await client.next('pubrec');
    client.send({ cmd: 'pubrel', messageId });
    await client.next('pubcomp');
  };
}

export const payloadOf = ({ payload }: { payload: string | Buffer }): string => payload.toString();

/** A device that has subscribed to its commands, and a way to send it something. */
export async function listening(
  broker: BrokerUnderTest,
  given: { qos?: QoS; clean?: boolean } = {},
): Promise<LoggedIn & Record<'filter', string>> {
  const loggedIn = await broker.logIn({ clientId: 'hearer', clean: given.clean ?? true });
  const filter = commandTopics(loggedIn.device.publicId);
  expect(await subscribe(loggedIn.client, [filter], given.qos ?? 1)).toEqual([given.qos ?? 1]);
  return { ...loggedIn, filter };
}
