import type { MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { addGateway, addMapped, ago, grant, rule } from '../support/gateways.js';
import { createInventory, type Inventory, type TestDevice } from '../support/ingest.js';
import { type Mosquitto, startMosquitto, WORKER_LOGIN } from '../support/mosquitto.js';
import { connect, publish } from '../support/mqtt.js';
import { describeWith } from '../support/requires.js';
import { startWorker, startWorkerHere, type Worker, type WorkerHere } from '../support/worker.js';

/** Gateways that publish at an external broker: one worker hears them, and another when that one is gone. */

vi.setConfig({ testTimeout: 60_000 });
const PATIENCE = { timeout: 20_000, interval: 50 };
const OPENED = rule({ field: 'action', when: { in: ['unlock'] }, metric: 'unlock' });
const opened = (at: Date) => ({ action: 'unlock', last_seen: at.toISOString(), battery: 60 });

describeWith('mosquitto', 'gateways at an external broker', () => {
  const bridge = { publicId: 'zigbee', secret: 'zigbees-hemlighet' };
  let inventory: Inventory;
  let broker: Mosquitto;
  let client: MqttClient;
  const workers: WorkerHere[] = [];

  beforeAll(async () => {
    inventory = await createInventory();
    const rules = `user ${bridge.publicId}\ntopic write #\nuser ${WORKER_LOGIN.publicId}\ntopic read #\n`;
    broker = await startMosquitto([bridge], rules);
    client = await connect({ ...bridge, port: broker.port });
  });
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  });
  afterAll(async () => {
    await client?.endAsync();
    await broker?.remove();
    await inventory?.drop();
  });

  const surroundings = () => ({ databaseUrl: inventory.url, brokerUrl: broker.url });
  async function work(): Promise<void> {
    workers.push(await startWorkerHere(surroundings()));
  }
  async function gatewayWithLock(prefix: string): Promise<{ id: string; key: number; lock: TestDevice }> {
    const gateway = await addGateway(inventory, 'zigbee2mqtt', prefix);
    const lock = await addMapped(inventory, { ecosystem: 'zigbee2mqtt', rules: [OPENED] });
    await grant(inventory, { gateway, device: lock, name: 'lås' });
    return { ...gateway, lock };
  }
  const usages = ({ key }: TestDevice) =>
    inventory.rows<{ at: Date }>('select at from usage where device_key = $1 order by at', [key]);
  const rejectsOf = (topic: string) =>
    inventory.rows<{ code: string; reason: string }>('select code, reason from rejected_message where topic = $1', [
      topic,
    ]);
  const untilHeard = (prefix: string): Promise<void> =>
    vi.waitFor(() => expect(broker.text()).toContain(`nyttospar-ingest-gateways 1 ${prefix}/#`), PATIENCE);

  it('are heard for the devices that they are granted, each message once', async () => {
    const { lock, key } = await gatewayWithLock('hus');
    await work();
    await untilHeard('hus');
    for (const at of [ago(3), ago(2), ago(2)]) await publish(client, 'hus/lås', opened(at));
    await publish(client, 'hus/okänt', opened(ago(1)));
    await vi.waitFor(async () => expect(await usages(lock)).toHaveLength(2), PATIENCE);
    await vi.waitFor(async () => expect(await rejectsOf('hus/okänt')).toMatchObject([{ code: 'unknown_device' }]));
    await vi.waitFor(async () => {
      const [signal] = await inventory.rows('select last_received_at from gateway_signal where gateway_key = $1', [
        key,
      ]);
      expect(signal).toMatchObject({ last_received_at: expect.any(Date) as Date });
    }, PATIENCE);
  });

  it('are heard when they are registered later, and no more when they are closed', async () => {
    await work();
    const { id, lock } = await gatewayWithLock('senare');
    await untilHeard('senare');
    await publish(client, 'senare/lås', opened(ago(2)));
    await vi.waitFor(async () => expect(await usages(lock)).toHaveLength(1), PATIENCE);
    await inventory.pool.query('update gateway_child set ends_at = now() where gateway_id = $1', [id]);
    await inventory.pool.query('update gateway set ended_at = now() where id = $1', [id]);
    await vi.waitFor(() => expect(broker.text()).toContain('nyttospar-ingest-gateways senare/#'), PATIENCE);
    await publish(client, 'senare/lås', opened(ago(1)));
    expect(await usages(lock)).toHaveLength(1);
  });

  it('two with the same topics are told apart by nobody: their messages are refused with the reason', async () => {
    const [one, other] = [await gatewayWithLock('delad'), await gatewayWithLock('delad')];
    await work();
    await untilHeard('delad');
    await publish(client, 'delad/lås', opened(ago(1)));
    const reason = expect.stringContaining('several gateways have this topic') as string;
    await vi.waitFor(
      async () => expect(await rejectsOf('delad/lås')).toEqual([{ code: 'topic_not_allowed', reason }]),
      PATIENCE,
    );
    expect([...(await usages(one.lock)), ...(await usages(other.lock))]).toEqual([]);
  });

  it('what the broker had kept from before is no usage: nothing has happened now', async () => {
    const { lock } = await gatewayWithLock('kvar');
    await client.publishAsync('kvar/lås', JSON.stringify(opened(ago(9))), { qos: 1, retain: true });
    await work();
    await untilHeard('kvar');
    await publish(client, 'kvar/lås', opened(ago(1)));
    await vi.waitFor(async () => expect(await usages(lock)).toHaveLength(1), PATIENCE);
    expect(await rejectsOf('kvar/lås')).toEqual([]);
  });

  it('lose nothing when the worker that hears them is killed: another takes over, and counts nothing twice', async () => {
    const { lock } = await gatewayWithLock('byte');
    const first = await startWorker(surroundings());
    await untilHeard('byte');
    const second: Worker = await startWorker(surroundings());
    const times = Array.from({ length: 300 }, (_, index) => new Date(Date.now() - 3_600_000 + index * 1_000));
    const sending = (async () => {
      for (const at of times) await publish(client, 'byte/lås', opened(at));
    })();
    await vi.waitFor(async () => expect((await usages(lock)).length).toBeGreaterThan(20), PATIENCE);
    await first.kill();
    await sending;
    await vi.waitFor(async () => expect(await usages(lock)).toHaveLength(300), PATIENCE);
    expect((await usages(lock)).map(({ at }) => at)).toEqual(times.map((at) => new Date(Math.floor(at.getTime()))));
    expect(await second.drain()).toEqual({ code: 0, signal: null });
  });
});
