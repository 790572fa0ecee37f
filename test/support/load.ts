import { setTimeout as delay } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';
import { upwardTopic } from '#contracts';
import { messageKey } from '#telemetry';
import type { Inventory, TestDevice } from './ingest.js';

/** What a load has sent and what of it was acknowledged. */
export interface Load {
  /** Names of the usages acknowledged so far, `{device key}/{time in ms}/{message key}`. */
  readonly acknowledged: Set<string>;
  readonly sent: () => number;
  /** Sends no more; resolves when all that was sent has been acknowledged. */
  finish(): Promise<void>;
  /** Sends no more and gives up what is unacknowledged. */
  abandon(): Promise<void>;
}

/** What each device has on its way at any time. */
export const IN_FLIGHT = 20;

/**
 * Every device publishes with 20 messages in flight, durable sessions, and comes back when cut off. `pauseMs` after each
 * acknowledgement bounds the load where acknowledgements come before the commit.
 */
export function startLoad(devices: readonly TestDevice[], port: number, pauseMs = 0): Load {
  const acknowledged = new Set<string>();
  const clients: MqttClient[] = [];
  const senders: Promise<void>[] = [];
  let sent = 0;
  let isOver = false;
  for (const device of devices) {
    const client = connectForGood(device, port);
    clients.push(client);
    for (let lane = 0; lane < IN_FLIGHT; lane += 1) senders.push(send(device, client, lane));
  }
  // Publishes given up with their connection fail, as they should; who finishes is told all the same.
  senders.forEach((sender) => void sender.catch(() => undefined));

  async function send(device: TestDevice, client: MqttClient, lane: number): Promise<void> {
    for (let number = 0; !isOver; number += 1) {
      const id = `${lane}-${number}`;
      const at = Date.now();
      const usage = JSON.stringify({ id, metric: 'unlock', at, attributes: { result: 'success' } });
      sent += 1;
      await publishAtLast(client, upwardTopic(device.publicId, 'usage'), usage);
      acknowledged.add(`${device.key}/${at}/${messageKey(`=${id}`).low}`);
      if (pauseMs > 0) await delay(pauseMs);
    }
  }

  const end = async (): Promise<void> => {
    isOver = true;
    await Promise.all(clients.map((client) => client.endAsync(true)));
  };
  return {
    acknowledged,
    sent: () => sent,
    finish: async () => {
      isOver = true;
      await Promise.all(senders);
      await end();
    },
    abandon: end,
  };
}

/**
 * Publishes until it is acknowledged. A client that is cut off while it sends again what it holds gives up what it was
 * handed meanwhile: a device would hand it over once more, under the same id.
 */
async function publishAtLast(client: MqttClient, topic: string, usage: string): Promise<void> {
  for (;;) {
    try {
      await client.publishAsync(topic, usage, { qos: 1 });
      return;
    } catch (cause) {
      if (client.disconnecting || !(cause instanceof Error && cause.message === 'Connection closed')) throw cause;
    }
  }
}

function connectForGood(device: TestDevice, port: number): MqttClient {
  const login = { username: device.publicId, password: device.secret };
  const session = { clientId: `load-${device.publicId}`, clean: false, reconnectPeriod: 100 };
  const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { ...login, ...session, connectTimeout: 5_000 });
  client.on('error', () => undefined);
  return client;
}

/** What is wrong with what is stored, in the order: acknowledged until now but missing, stored twice, hours that disagree. */
export async function findFaults(inventory: Inventory, { acknowledged }: Pick<Load, 'acknowledged'>): Promise<unknown> {
  const names = [...acknowledged];
  const rows = await inventory.rows<{ name: string }>(
    `select concat_ws('/', device_key, (extract(epoch from at) * 1000)::bigint, message_key) as name from usage`,
  );
  const stored = new Set(rows.map(({ name }) => name));
  const hours = await inventory.rows(
    `select device_key from (select device_key, count(*) as n from usage group by 1) raw
     full join (select device_key, sum(count) as n from usage_hour group by 1) hours using (device_key)
     where raw.n is distinct from hours.n`,
  );
  const missing = names.filter((name) => !stored.has(name));
  return { missing: missing.length, doubled: rows.length - stored.size, hoursThatDisagree: hours.length };
}

export const NO_FAULTS = { missing: 0, doubled: 0, hoursThatDisagree: 0 };
