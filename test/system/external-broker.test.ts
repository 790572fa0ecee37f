import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { commandTopics, responseTopic, upwardTopic } from '#contracts';
import { Signals } from '../../apps/ingest/src/signals.js';
import { createInventory, type Inventory, type TestDevice } from '../support/ingest.js';
import { startMosquitto, WORKER_LOGIN, type Mosquitto } from '../support/mosquitto.js';
import { connect, publish } from '../support/mqtt.js';
import { describeWith } from '../support/requires.js';
import { startTlsFront } from '../support/tls-front.js';
import { startWorkerHere, type WorkerHere } from '../support/worker.js';

vi.setConfig({ testTimeout: 30_000 });
const PATIENCE = { timeout: 10_000, interval: 30 };
const unlock = (id: string, at = Date.now()) => ({ id, metric: 'unlock', at, attributes: { result: 'success' } });

describeWith('mosquitto', 'ingest through an external broker', () => {
  let inventory: Inventory;
  let broker: Mosquitto;
  let lock: TestDevice;
  let robot: TestDevice;
  const workers: WorkerHere[] = [];

  beforeAll(async () => {
    inventory = await createInventory();
    [lock, robot] = [await inventory.addDevice(), await inventory.addDevice({ family: 'sleep_robot' })];
    await inventory.place(lock);
    broker = await startMosquitto([lock, robot, { publicId: 'okänd-apparat', secret: 'hemligt' }]);
  });
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  });
  afterAll(async () => {
    await broker?.remove();
    await inventory?.drop();
  });

  async function work(settings: NodeJS.ProcessEnv = {}): Promise<WorkerHere> {
    const worker = await startWorkerHere({ databaseUrl: inventory.url, brokerUrl: broker.url }, settings);
    workers.push(worker);
    return worker;
  }
  const device = (one: TestDevice, options = {}) =>
    connect({ ...one, port: broker.port }, { clientId: one.publicId, ...options });
  const signalOf = async ({ key }: TestDevice) =>
    (
      await inventory.rows('select connected, state, state_at, battery from device_signal where device_key = $1', [key])
    )[0];
  const usages = ({ key }: TestDevice) => inventory.rows('select at, flags from usage where device_key = $1', [key]);

  it('stores usage, state and health of who the topic names', async () => {
    await work();
    const client = await device(lock);
    await publish(client, upwardTopic(lock.publicId, 'state'), { state: 'online' });
    await publish(client, upwardTopic(lock.publicId, 'usage'), [unlock('a'), unlock('b')]);
    await publish(client, upwardTopic(lock.publicId, 'health'), { battery: 71 });
    await vi.waitFor(async () => expect(await usages(lock)).toHaveLength(2), PATIENCE);
    await vi.waitFor(
      async () => expect(await signalOf(lock)).toMatchObject({ connected: true, state: 'online', battery: 71 }),
      PATIENCE,
    );
    await client.endAsync();
  });

  it('rejects bad content and strangers by name, acknowledges them, and goes on', async () => {
    await work();
    const client = await device(robot);
    const stranger = await connect({ publicId: 'okänd-apparat', secret: 'hemligt', port: broker.port });
    await publish(client, upwardTopic(robot.publicId, 'usage'), '{"id":');
    await publish(stranger, upwardTopic('okänd-apparat', 'usage'), unlock('x'));
    await publish(client, upwardTopic(robot.publicId, 'usage'), { id: 'u', metric: 'unlock', at: Date.now() });
    await vi.waitFor(
      async () =>
        expect(
          await inventory.rows('select device_key, client_name, code from rejected_message order by code'),
        ).toEqual([
          { device_key: robot.key, client_name: robot.publicId, code: 'not_json' },
          { device_key: null, client_name: 'okänd-apparat', code: 'unknown_device' },
          { device_key: robot.key, client_name: robot.publicId, code: 'unknown_metric' },
        ]),
      PATIENCE,
    );
    await Promise.all([client.endAsync(), stranger.endAsync()]);
  });

  it('knows a device that was registered a moment ago', async () => {
    await work();
    const fresh = await inventory.addDevice();
    await broker.admit([fresh]);
    const client = await vi.waitFor(() => device(fresh), PATIENCE);
    await publish(client, upwardTopic(fresh.publicId, 'usage'), unlock('first'));
    await vi.waitFor(async () => expect(await usages(fresh)).toHaveLength(1), PATIENCE);
    expect(await inventory.rows('select from rejected_message where client_name = $1', [fresh.publicId])).toEqual([]);
    await client.endAsync();
  });

  it('has a device speak and hear on its own topics only: the shipped access rules bind topics to the log-in', async () => {
    const intruder = await device(robot, { protocolVersion: 5 });
    const foreign = intruder.publishAsync(upwardTopic(lock.publicId, 'usage'), '{}', { qos: 1 });
    await expect(foreign).rejects.toThrow('Not authorized');
    const eavesdropper = await device(robot);
    const heard: string[] = [];
    eavesdropper.on('message', (topic) => heard.push(topic));
    await eavesdropper.subscribeAsync(['#', commandTopics(robot.publicId)], { qos: 1 });
    const client = await device(lock);
    await publish(client, upwardTopic(lock.publicId, 'usage'), unlock('unheard'));
    await publish(eavesdropper, responseTopic(robot.publicId, 'own'), 'its own');
    await publish(eavesdropper, upwardTopic(robot.publicId, 'usage'), 'unheard');
    await publish(client, upwardTopic(lock.publicId, 'usage'), unlock('unheard too'));
    await new Promise<void>((resolve) => eavesdropper.unsubscribe('#', () => resolve()));
    expect(heard).toEqual([responseTopic(robot.publicId, 'own')]);
    await Promise.all([client, eavesdropper].map((one) => one.endAsync()));
  });

  it('tells connected from state: online, lost by the will, offline; and it outlives the worker', async () => {
    const worker = await work();
    const will = {
      topic: upwardTopic(robot.publicId, 'state'),
      payload: Buffer.from('{"state":"lost"}'),
      qos: 1,
      retain: true,
    } as const;
    const isConnected = (connected: boolean, state: string) =>
      vi.waitFor(async () => expect(await signalOf(robot)).toMatchObject({ connected, state }), PATIENCE);
    const cutOff = await device(robot, { will });
    await publish(cutOff, will.topic, { state: 'online' });
    await isConnected(true, 'online');
    cutOff.stream.destroy();
    await isConnected(false, 'lost');
    const back = await device(robot, { will });
    await publish(back, will.topic, { state: 'online' });
    await isConnected(true, 'online');
    await worker.stop();
    expect(await signalOf(robot)).toMatchObject({ connected: true });
    await work();
    expect(await signalOf(robot)).toMatchObject({ connected: true });
    await publish(back, will.topic, { state: 'offline' });
    await isConnected(false, 'offline');
    await back.endAsync();
  });

  it('of two workers that noticed different things, the later one is right whoever writes last', async () => {
    const [one, other] = [new Signals(inventory.pool), new Signals(inventory.pool)];
    const nowMs = Date.now() + 60_000;
    one.noteConnection(lock.key, false, nowMs);
    other.noteConnection(lock.key, true, nowMs + 1);
    await other.flush();
    await one.flush();
    expect(await signalOf(lock)).toMatchObject({ connected: true });
  });

  it('shares the load between workers, each with a slot of its own', async () => {
    const [first, second] = [await work(), await work()];
    const client = await device(lock);
    const ids = Array.from({ length: 200 }, (_, index) => `shared-${index}`);
    const before = (await usages(lock)).length;
    await Promise.all(ids.map((id) => publish(client, upwardTopic(lock.publicId, 'usage'), unlock(id))));
    await vi.waitFor(async () => expect(await usages(lock)).toHaveLength(before + 200), PATIENCE);
    const shards = 'select shard, sum(count)::int as n from usage_hour where device_key = $1 group by 1 order by 1';
    const rolledUp = await inventory.rows<{ shard: number; n: number }>(shards, [lock.key]);
    expect(rolledUp.map(({ shard }) => shard)).toEqual([0, 1]);
    expect(rolledUp.reduce((sum, { n }) => sum + n, 0)).toBe(before + 200);
    await Promise.all([first.stop(), second.stop()]);
    const services = `select service, status ->> 'state' as state, status ->> 'session' as session from service_heartbeat order by 1`;
    expect(await inventory.rows(services)).toEqual([
      { service: 'ingest', state: 'stopped', session: 'nyttospar-ingest-0' },
      { service: 'ingest-1', state: 'stopped', session: 'nyttospar-ingest-1' },
    ]);
    await client.endAsync();
  });

  it('stores what the session of a worker that is gone for good holds, and ends that session', async () => {
    const settings = { TAKE_OVER_SECONDS: '2' };
    const [, gone] = [await work(settings), await work(settings)];
    await gone.stop();
    const client = await device(lock);
    const ids = Array.from({ length: 40 }, (_, index) => `left-${index}`);
    const before = (await usages(lock)).length;
    await Promise.all(ids.map((id) => publish(client, upwardTopic(lock.publicId, 'usage'), unlock(id))));
    await vi.waitFor(async () => expect(await usages(lock)).toHaveLength(before + 40), {
      timeout: 20_000,
      interval: 100,
    });
    const session = `select status -> 'session' as session from service_heartbeat where service = 'ingest-1'`;
    await vi.waitFor(async () => expect(await inventory.rows(session)).toEqual([{ session: null }]), PATIENCE);
    await client.endAsync();
  });

  describeWith('openssl', 'over TLS', () => {
    it('speaks TLS to a broker whose certificate MQTT_CA vouches for, and to no other', async () => {
      const front = await startTlsFront(broker.port);
      const settings = { MQTT_USERNAME: WORKER_LOGIN.publicId, MQTT_PASSWORD: WORKER_LOGIN.secret };
      const given = { databaseUrl: inventory.url, brokerUrl: `mqtts://localhost:${front.port}` };
      await expect(startWorkerHere(given, settings)).rejects.toThrow(
        /\(MQTT_URL\) does not let ingest in: self-signed certificate/,
      );
      workers.push(await startWorkerHere(given, { ...settings, MQTT_CA: front.ca }));
      const client = await device(lock);
      const before = (await usages(lock)).length;
      await publish(client, upwardTopic(lock.publicId, 'usage'), unlock('over tls'));
      await vi.waitFor(async () => expect(await usages(lock)).toHaveLength(before + 1), PATIENCE);
      await client.endAsync();
      await front.close();
    });
  });

  it('does not start without the broker, and says why without its password', async () => {
    const refused = broker.url.replace(WORKER_LOGIN.secret, 'fel-hemlighet');
    const start = (brokerUrl: string) => startWorkerHere({ databaseUrl: inventory.url, brokerUrl });
    await expect(start(refused)).rejects.toThrow(
      `The MQTT broker mqtt://127.0.0.1:${broker.port} (MQTT_URL) does not let ingest in: Connection refused: Not authorized`,
    );
    await expect(start('mqtt://127.0.0.1:1')).rejects.toThrow(/mqtt:\/\/127.0.0.1:1 \(MQTT_URL\).*ECONNREFUSED/);
    await expect(start('ws://127.0.0.1:1')).rejects.toThrow(/MQTT_URL: an mqtt:\/\/ or mqtts:\/\/ URL/);
  });
});
