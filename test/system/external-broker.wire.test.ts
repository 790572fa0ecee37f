import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { upwardTopic } from '#contracts';
import { BrokerConnection } from '../../apps/ingest/src/subscribe/broker-connection.js';
import { readLogin } from '../../apps/ingest/src/subscribe/broker-login.js';
import { withClient } from '../support/connection.js';
import { createInventory, type Inventory, type TestDevice } from '../support/ingest.js';
import { startWireBroker, type WireBroker, type WireConnection } from '../support/wire-broker.js';
import { startWorkerHere, type WorkerHere } from '../support/worker.js';

vi.setConfig({ testTimeout: 30_000 });
const PATIENCE = { timeout: 10_000, interval: 20 };

let inventory: Inventory;
let device: TestDevice;
let broker: WireBroker;
let worker: WorkerHere;
beforeAll(async () => {
  inventory = await createInventory();
  device = await inventory.addDevice();
});
beforeEach(async () => {
  broker = await startWireBroker();
  const brokerUrl = `mqtt://arbetare:hemligt@127.0.0.1:${broker.port}`;
  worker = await startWorkerHere({ databaseUrl: inventory.url, brokerUrl });
});
afterEach(async () => {
  await worker?.stop();
  await broker?.close();
});
afterAll(() => inventory?.drop());

const topic = (channel: 'usage' | 'state' | 'health' = 'usage'): string => upwardTopic(device.publicId, channel);
const unlock = (id: string): string => JSON.stringify({ id, metric: 'unlock', at: Date.now() });
const stored = async (): Promise<number> =>
  (await inventory.rows<{ n: number }>('select count(*)::int as n from usage where device_key = $1', [device.key]))[0]
    ?.n ?? 0;
const acknowledged = (connection: WireConnection, ids: number[]): Promise<void> =>
  vi.waitFor(() => expect(connection.acknowledged()).toEqual(ids), PATIENCE);

/** Runs work while nothing can be stored. */
async function whileNothingCommits(work: () => Promise<void>): Promise<void> {
  await withClient(inventory.url, async (blocker) => {
    await blocker.query('begin; lock table usage, rejected_message in access exclusive mode');
    await work();
    await blocker.query('rollback');
  });
}

/** How many bytes are not taken when no more are. */
async function unsentAtRest({ unsent }: WireConnection): Promise<number> {
  for (let before = Infinity; unsent() < before; await delay(300)) before = unsent();
  return unsent();
}

describe('a worker towards its broker', () => {
  it('asks for a durable session of MQTT 5 under its slot’s name, and shares the three subscriptions', async () => {
    const { connect, packets } = await broker.subscribed(0);
    expect(connect).toMatchObject({
      clientId: 'nyttospar-ingest-0',
      clean: false,
      protocolVersion: 5,
      username: 'arbetare',
    });
    expect(connect.properties).toMatchObject({ sessionExpiryInterval: 86_400, receiveMaximum: 2_000 });
    expect(packets[0]).toMatchObject({
      cmd: 'subscribe',
      subscriptions: ['usage', 'state', 'health'].map((channel) => ({
        topic: `$share/nyttospar/wt/v1/+/${channel}`,
        qos: 1,
      })),
    });
  });

  it('acknowledges after the commit only, in the order of arrival', async () => {
    const connection = await broker.subscribed(0);
    const before = await stored();
    await whileNothingCommits(async () => {
      connection.deliver(
        ...[7, 3, 9, 1].map((messageId) => ({ topic: topic(), payload: unlock(`order-${messageId}`), messageId })),
      );
      const waiting = `select 1 from pg_locks where not granted and relation = 'usage'::regclass`;
      await vi.waitFor(async () => expect(await inventory.rows(waiting)).not.toEqual([]), PATIENCE);
      expect(connection.acknowledged()).toEqual([]);
    });
    await acknowledged(connection, [7, 3, 9, 1]);
    expect(await stored()).toBe(before + 4);
  });

  it('rejects what is bad and acknowledges it, in its turn among the good and the unknown', async () => {
    const connection = await broker.subscribed(0);
    connection.deliver(
      { topic: topic(), payload: unlock('good'), messageId: 1 },
      { topic: upwardTopic('ingen', 'usage'), payload: unlock('x'), messageId: 2 },
      { topic: topic(), payload: 'no json', messageId: 3 },
      { topic: 'wt/v1/usage', payload: 'elsewhere', messageId: 4 },
      { topic: topic(), payload: unlock('good too'), messageId: 5 },
    );
    await acknowledged(connection, [1, 2, 3, 4, 5]);
    const codes = await inventory.rows<{ code: string }>('select code from rejected_message order by code');
    expect(codes.map(({ code }) => code)).toEqual(['not_json', 'topic_not_allowed', 'unknown_device']);
  });

  it('acknowledges nothing that could not be stored: it cuts the connection, comes back, and takes it then', async () => {
    const first = await broker.subscribed(0);
    await withClient(inventory.url, async (blocker) => {
      await blocker.query('begin; lock table usage in access exclusive mode');
      first.deliver({ topic: topic(), payload: unlock('again'), messageId: 1 });
      await vi.waitFor(async () => {
        const { rowCount } = await blocker.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and application_name = 'nyttospar-ingest' and wait_event_type = 'Lock'`,
        );
        expect(rowCount).toBeGreaterThan(0);
      }, PATIENCE);
      await vi.waitFor(() => expect(first.isClosed()).toBe(true), PATIENCE);
      await blocker.query('rollback');
    });
    expect(first.acknowledged()).toEqual([]);
    const before = await stored();
    const second = await broker.subscribed(1);
    expect(second.connect).toMatchObject({ clientId: 'nyttospar-ingest-0', clean: false });
    second.deliver({ topic: topic(), payload: unlock('again'), messageId: 1, dup: true });
    await acknowledged(second, [1]);
    expect(await stored()).toBe(before + 1);
  });

  it('drops the acknowledgements of an older connection', async () => {
    const first = await broker.subscribed(0);
    await whileNothingCommits(async () => {
      first.deliver({ topic: topic(), payload: unlock('old'), messageId: 1 });
      // A PUBLISH that ends within its topic's length.
      first.write(Buffer.from([0x30, 0x01, 0xff]));
      await vi.waitFor(() => expect(first.isClosed()).toBe(true), PATIENCE);
    });
    const second = await broker.subscribed(1);
    second.deliver({ topic: topic(), payload: unlock('new'), messageId: 2 });
    await acknowledged(second, [2]);
    expect(first.acknowledged()).toEqual([]);
  });

  it('rule U1: without id and time, only a redelivery within the session is a repeat', async () => {
    const first = await broker.subscribed(0);
    const before = await stored();
    const bare = { topic: topic(), payload: '{"metric":"unlock"}' };
    first.deliver({ ...bare, messageId: 1 }, { ...bare, messageId: 2 });
    await acknowledged(first, [1, 2]);
    first.deliver({ ...bare, messageId: 2, dup: true }, { ...bare, messageId: 1 });
    await acknowledged(first, [1, 2, 2, 1]);
    expect(await stored()).toBe(before + 3);
  });

  it('takes what a broker replays from its store at its own time, and never for news', async () => {
    const connection = await broker.subscribed(0);
    const earlier = Date.now() - 3_600_000;
    const before = await stored();
    const replay = { qos: 1, retain: true } as const;
    connection.deliver(
      { ...replay, topic: topic('state'), payload: JSON.stringify({ state: 'online', at: earlier }), messageId: 1 },
      { ...replay, topic: topic('state'), payload: '{"state":"lost"}', messageId: 2 },
      { ...replay, topic: topic('health'), payload: '{"battery":3}', messageId: 3 },
      { ...replay, topic: topic(), payload: '{"metric":"unlock","id":"replayed"}', messageId: 4 },
    );
    await acknowledged(connection, [1, 2, 3, 4]);
    const facts = 'select state, state_at, connected, battery from device_signal where device_key = $1';
    expect(await inventory.rows(facts, [device.key])).toEqual([
      { state: 'online', state_at: new Date(earlier), connected: false, battery: null },
    ]);
    expect(await stored()).toBe(before);
    const code = `select code, reason from rejected_message where reason like 'a retained%'`;
    expect(await inventory.rows(code)).toMatchObject([{ code: 'schema' }]);
  });

  it('does not gather without end what no acknowledgement holds back while it asks who is who', async () => {
    const connection = await broker.subscribed(0);
    const stranger = { topic: upwardTopic('okänd', 'usage'), payload: 'x'.repeat(1_000), qos: 0 } as const;
    await withClient(inventory.url, async (blocker) => {
      await blocker.query('begin; lock table custody_version in access exclusive mode');
      // 50 MB: much more than the sockets hold besides 20,000 messages.
      connection.deliver(...new Array<typeof stranger>(50_000).fill(stranger));
      expect(await unsentAtRest(connection)).toBeGreaterThan(0);
      await blocker.query('rollback');
    });
    await vi.waitFor(() => expect(connection.unsent()).toBe(0), PATIENCE);
  });

  it('drains when told to stop: what was taken is committed and acknowledged, then it takes leave', async () => {
    const connection = await broker.subscribed(0);
    let stopped = Promise.resolve();
    await whileNothingCommits(async () => {
      connection.deliver({ topic: topic(), payload: unlock('last'), messageId: 1 });
      const waiting = `select 1 from pg_locks where not granted and relation = 'usage'::regclass`;
      await vi.waitFor(async () => expect(await inventory.rows(waiting)).not.toEqual([]), PATIENCE);
      stopped = worker.stop();
    });
    await stopped;
    expect(connection.packets.slice(2)).toMatchObject([{ cmd: 'puback', messageId: 1 }, { cmd: 'disconnect' }]);
  });
});

it('a left session at a broker that is slow to let in is not taken for empty', async () => {
  const slow = await startWireBroker({ connackMs: 3_200 });
  const brokerUrl = `mqtt://127.0.0.1:${slow.port}`;
  const other = await startWorkerHere({ databaseUrl: inventory.url, brokerUrl }, { TAKE_OVER_SECONDS: '1' });
  await inventory.pool.query(
    `insert into service_heartbeat (service, at, status)
     values ('ingest-7', now() - interval '1 hour', '{"session":"nyttospar-ingest-7"}')`,
  );
  const before = await stored();
  const left = await slow.connected(1);
  expect(left.connect).toMatchObject({ clientId: 'nyttospar-ingest-7', clean: false });
  left.deliver({ topic: topic(), payload: unlock('left'), messageId: 1 });
  await vi.waitFor(() => expect(left.isClosed()).toBe(true), PATIENCE);
  expect(left.packets).toMatchObject([{ cmd: 'puback', messageId: 1 }, { cmd: 'disconnect' }]);
  expect(await stored()).toBe(before + 1);
  await other.stop();
  await slow.close();
});

it('a broker that is too busy to answer a ping is there as long as messages come, and gone after them', async () => {
  const mute = await startWireBroker({ isMute: true });
  const login = readLogin(`mqtt://127.0.0.1:${mute.port}`);
  const opened = BrokerConnection.open({ login, clientId: 'test', keepaliveSeconds: 1, onPublish: () => undefined });
  const [connection, other] = await Promise.all([opened, mute.connected(0)]);
  const startedAtMs = Date.now();
  const timer = setInterval(() => other.deliver({ topic: 't', payload: '', messageId: 1 }), 100);
  setTimeout(() => clearInterval(timer), 3_500);
  expect(await connection.closed).toBe('Keepalive timeout');
  expect(Date.now() - startedAtMs).toBeGreaterThan(3_500);
  await mute.close();
});

it('a connection that has closed before it is subscribed says so: nobody waits for its answer for ever', async () => {
  const login = readLogin(`mqtt://127.0.0.1:${broker.port}`);
  const connection = await BrokerConnection.open({ login, clientId: 'test', onPublish: () => undefined });
  connection.cut('what it brought could not be stored');
  await connection.closed;
  await expect(connection.subscribe(['a'])).rejects.toThrow('what it brought could not be stored');
  await expect(connection.unsubscribe(['a'])).rejects.toThrow('what it brought could not be stored');
});
