import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { DISCONNECT_CHANNEL, upwardTopic } from '#contracts';
import type { Ecosystem, FamilyCode, MappingRule } from '#domain';
import type { MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Ingest } from '../../apps/ingest/src/ingest.js';
import { createInventory, type Inventory, startIngest, type TestDevice } from '../support/ingest.js';
import { closed, connect, publish, refusalOf } from '../support/mqtt.js';

let inventory: Inventory;
let ingest: Ingest;
beforeAll(async () => {
  inventory = await createInventory();
  ingest = await startIngest(inventory);
});
afterAll(async () => {
  await ingest?.stop();
  await inventory?.drop();
});

interface TestGateway {
  id: string;
  key: number;
  publicId: string;
  secret: string;
  port: number;
}

async function addGateway(ecosystem: Ecosystem, prefix = ''): Promise<TestGateway> {
  const [id, publicId, secret] = [randomUUID(), `g-${randomBytes(5).toString('hex')}`, randomBytes(12).toString('hex')];
  const [{ id: root } = { id: '' }] = await inventory.rows<{ id: string }>(
    `select id from org_node where kind = 'municipality'`,
  );
  const [row] = await inventory.rows<{ key: number }>(
    `insert into gateway (id, public_id, root_id, owner_node_id, name, ecosystem, topic_prefix)
     values ($1, $2, $3, $3, $2, $4, $5) returning key`,
    [id, publicId, root, ecosystem, prefix],
  );
  await inventory.pool.query('insert into gateway_credential (id, gateway_id, secret_sha256) values ($1, $2, $3)', [
    randomUUID(),
    id,
    createHash('sha256').update(secret).digest(),
  ]);
  return { id, publicId, secret, key: row?.key ?? 0, port: ingest.port };
}

/** A placed device of a product with a mapping. */
async function addMapped(ecosystem: Ecosystem, rules: MappingRule[], family?: FamilyCode): Promise<TestDevice> {
  const device = await inventory.addDevice(family ? { family } : {});
  await inventory.place(device);
  await inventory.pool.query(
    `insert into product_mapping (id, product_id, ecosystem, version, rules)
     select $1, product_id, $2, 1, $3 from device where id = $4`,
    [randomUUID(), ecosystem, JSON.stringify(rules), device.id],
  );
  return device;
}

async function grant(gateway: TestGateway, device: TestDevice, name: string): Promise<void> {
  await inventory.pool.query(
    'insert into gateway_child (id, gateway_id, device_id, external_name) values ($1, $2, $3, $4)',
    [randomUUID(), gateway.id, device.id, name],
  );
}

const usagesOf = (key: number) =>
  inventory.rows<{ at: Date; until: Date | null; value: number | null; attributes: object | null; flags: number }>(
    'select at, until, value, attributes, flags from usage where device_key = $1 order by at, message_key',
    [key],
  );
const signalOf = async (key: number) =>
  (await inventory.rows('select battery, signal_dbm, state from device_signal where device_key = $1', [key]))[0];
const rejectsOf = (where: string, values: unknown[]) =>
  inventory.rows<{ code: string; reason: string; topic: string; payload: Buffer | null }>(
    `select code, reason, topic, payload from rejected_message where ${where} order by id`,
    values,
  );
const rule = (given: Partial<MappingRule> & Pick<MappingRule, 'field' | 'metric'>): MappingRule => ({
  value: 'none',
  attributes: {},
  ...given,
});
const OPENED = rule({
  field: 'action',
  when: { in: ['unlock', 'manual_unlock'] },
  metric: 'unlock',
  attributes: { result: 'success', actor_role: { field: 'action_source_name', map: { manual: 'staff' } } },
});
const STAFF = { result: 'success', actor_role: 'staff' };
const ago = (minutes: number): Date => new Date(Math.floor(Date.now() / 1000) * 1000 - minutes * 60_000);
const leave = (client: MqttClient): Promise<void> => client.endAsync();

describe('a Zigbee2MQTT gateway', () => {
  /** A Kwikset lock's message: https://github.com/Koenkk/zigbee2mqtt/issues/22779 */
  const lockMessage = (at: Date) => ({
    action: 'manual_unlock',
    action_source: 2,
    action_source_name: 'manual',
    action_user: 65535,
    battery: 70,
    last_seen: at.toISOString(),
    linkquality: 112,
    lock_state: 'locked',
    state: 'LOCK',
  });

  it('speaks for its devices: usage, battery and availability, a repeat changing nothing', async () => {
    const gateway = await addGateway('zigbee2mqtt', 'zigbee2mqtt');
    const lock = await addMapped('zigbee2mqtt', [OPENED]);
    await grant(gateway, lock, 'hall/dörr');
    const client = await connect(gateway);
    const at = ago(2);
    await publish(client, 'zigbee2mqtt/hall/dörr', lockMessage(at));
    await publish(client, 'zigbee2mqtt/hall/dörr', lockMessage(at)); // a retained value, sent anew
    await publish(client, 'zigbee2mqtt/hall/dörr/availability', '{"state":"online"}');
    await publish(client, 'zigbee2mqtt/bridge/logging', { level: 'info', message: 'x' });
    expect(await usagesOf(lock.key)).toEqual([{ at, until: null, value: 1, attributes: STAFF, flags: 0 }]);
    expect(await signalOf(lock.key)).toMatchObject({ battery: 70, state: 'online' });
    expect(await rejectsOf('client_name like $1', [`${gateway.publicId}/%`])).toEqual([]);
    await leave(client);
  });

  it('that speaks for a stranger is heard, and its message refused as unknown_device', async () => {
    const gateway = await addGateway('zigbee2mqtt', 'hus');
    const client = await connect(gateway);
    await publish(client, 'hus/okänt lås', lockMessage(ago(1)));
    await publish(client, 'hus/okänt lås', lockMessage(ago(0)));
    const heard = () =>
      inventory.rows('select external_name, messages::int from gateway_heard where gateway_key = $1', [gateway.key]);
    await vi.waitFor(async () => expect(await heard()).toEqual([{ external_name: 'okänt lås', messages: 2 }]));
    const rejects = await rejectsOf('client_name like $1', [`${gateway.publicId}/%`]);
    expect(rejects).toMatchObject([{ code: 'unknown_device' }, { code: 'unknown_device' }]);
    expect(rejects[0]?.reason).toContain('okänt lås');
    // Granted with one click, the next message counts.
    const lock = await addMapped('zigbee2mqtt', [OPENED]);
    await grant(gateway, lock, 'okänt lås');
    await vi.waitFor(async () => {
      await publish(client, 'hus/okänt lås', lockMessage(ago(3)));
      expect(await usagesOf(lock.key)).toHaveLength(1);
    }, 8_000);
    await leave(client);
  });

  it('publishes within its own prefix only', async () => {
    const gateway = await addGateway('zigbee2mqtt', 'eget');
    const lock = await addMapped('zigbee2mqtt', [OPENED]);
    await grant(gateway, lock, 'lås');
    const client = await connect(gateway);
    const topics = ['zigbee2mqtt/lås', upwardTopic(lock.publicId, 'usage'), upwardTopic(gateway.publicId, 'usage')];
    for (const topic of topics) await publish(client, topic, lockMessage(ago(1)));
    expect(await usagesOf(lock.key)).toEqual([]);
    const rejects = await rejectsOf('client_name like $1', [`${gateway.publicId}/%`]);
    expect(rejects.map(({ code, topic }) => [code, topic])).toEqual(
      topics.map((topic) => ['topic_not_allowed', topic]),
    );
    const granted = async (filter: string) =>
      (await client.subscribeAsync(filter, { qos: 1 }).catch(() => [{ qos: 128 }]))[0]?.qos;
    expect(await granted('eget/+/set')).toBe(1); // nothing is ever sent there
    for (const filter of ['#', '+/lås', 'zigbee2mqtt/#', 'wt/v1/+/state']) expect(await granted(filter)).toBe(128);
    await leave(client);
  });

  it('has the payload of a device without a mapping kept at that device, to preview one on', async () => {
    const gateway = await addGateway('zigbee2mqtt', 'z');
    const lock = await inventory.addDevice();
    await grant(gateway, lock, 'lås');
    const client = await connect(gateway);
    await publish(client, 'z/lås', lockMessage(ago(1)));
    const [reject] = await rejectsOf('device_key = $1', [lock.key]);
    expect(reject).toMatchObject({ code: 'unknown_metric', topic: 'z/lås' });
    expect(JSON.parse(reject?.payload?.toString() ?? '')).toMatchObject({ action: 'manual_unlock' });
    expect(await signalOf(lock.key)).toMatchObject({ battery: 70 });
    await publish(client, 'z/lås', '{"action":');
    expect((await rejectsOf('device_key = $1', [lock.key]))[1]).toMatchObject({ code: 'not_json' });
    await leave(client);
  });

  it('counts changes of a state that is sent again and again, also across a restart', async () => {
    const gateway = await addGateway('zigbee2mqtt', 'zz');
    const opened = rule({ field: 'state', when: { changesTo: 'UNLOCK' }, metric: 'unlock' });
    const lock = await addMapped('zigbee2mqtt', [opened]);
    await grant(gateway, lock, 'lås');
    const send = async (at: TestGateway, states: string[], minutesAgo: number) => {
      const client = await connect(at);
      for (const [index, state] of states.entries()) {
        await publish(client, 'zz/lås', { state, last_seen: ago(minutesAgo - index).toISOString() });
      }
      await leave(client);
    };
    await send(gateway, ['LOCK', 'UNLOCK', 'UNLOCK'], 20);
    expect(await usagesOf(lock.key)).toHaveLength(1);
    await ingest.stop();
    ingest = await startIngest(inventory);
    await send({ ...gateway, port: ingest.port }, ['UNLOCK', 'LOCK', 'UNLOCK'], 10);
    expect(await usagesOf(lock.key)).toHaveLength(2);
  });
});

describe('a ThingsBoard gateway', () => {
  const openings = [rule({ field: 'openings', metric: 'unlock', value: 'times' })];

  it('sends many devices in one message, each acknowledged when all are stored', async () => {
    const gateway = await addGateway('thingsboard');
    const locks = [await addMapped('thingsboard', openings), await addMapped('thingsboard', openings)];
    for (const [index, lock] of locks.entries()) await grant(gateway, lock, `Device ${index}`);
    const client = await connect(gateway);
    await publish(client, 'v1/gateway/connect', { device: 'Device 0' });
    const at = ago(5).getTime();
    const message = {
      'Device 0': [
        { ts: at, values: { openings: 2, humidity: 80 } },
        { ts: at + 60_000, values: { openings: 1 } },
      ],
      'Device 1': [{ ts: at, values: { openings: 3 } }],
    };
    await publish(client, 'v1/gateway/telemetry', message);
    await publish(client, 'v1/gateway/telemetry', message);
    expect([(await usagesOf(locks[0]?.key ?? 0)).length, (await usagesOf(locks[1]?.key ?? 0)).length]).toEqual([3, 3]);
    expect(await signalOf(locks[0]?.key ?? 0)).toMatchObject({ state: 'online' });
    await leave(client);
  });

  it('loses its connection when its secret is revoked, and does not come back', async () => {
    const gateway = await addGateway('thingsboard');
    const client = await connect(gateway);
    const connected = async () =>
      (await inventory.rows('select connected from gateway_signal where gateway_key = $1', [gateway.key]))[0];
    await vi.waitFor(async () => expect(await connected()).toEqual({ connected: true }), 5_000);
    await inventory.pool.query('update gateway_credential set revoked_at = now() where gateway_id = $1', [gateway.id]);
    await inventory.pool.query('select pg_notify($1, $2)', [DISCONNECT_CHANNEL, String(-gateway.key)]);
    await closed(client);
    expect(await refusalOf(gateway)).toBe(4);
    await vi.waitFor(async () => expect(await connected()).toEqual({ connected: false }), 5_000);
  });
});

describe('a device under its own login', () => {
  it('speaks ThingsBoard once its product is mapped; before, the message is refused with its payload', async () => {
    const plain = await inventory.addDevice();
    const early = await connect({ ...plain, port: ingest.port });
    await publish(early, 'v1/devices/me/telemetry', { openings: 1 });
    expect(await rejectsOf('device_key = $1', [plain.key])).toMatchObject([{ code: 'topic_not_allowed' }]);
    await leave(early);
    const lock = await addMapped('thingsboard', [rule({ field: 'battery', metric: 'battery', value: 'field' })]);
    const client = await connect({ ...lock, port: ingest.port });
    const at = ago(1);
    await publish(client, 'v1/devices/me/telemetry', { ts: at.getTime(), values: { battery: 81 } });
    await publish(client, upwardTopic(lock.publicId, 'usage'), { id: 'n', metric: 'unlock', at: at.getTime() });
    expect((await usagesOf(lock.key)).map(({ value }) => value).sort()).toEqual([1, 81]);
    await leave(client);
  });

  it('names itself by its user name, and nobody else', async () => {
    const screen = await addMapped(
      'homie',
      [
        rule({
          field: 'player/state',
          metric: 'stream',
          attributes: { role: 'sender' },
          session: { startWhen: { equals: 'playing' }, endWhen: { equals: 'idle' } },
        }),
      ],
      'smart_screen',
    );
    const other = await addMapped('homie', []);
    const client = await connect({ ...screen, port: ingest.port });
    await publish(client, `homie/5/${screen.publicId}/player/state`, 'playing');
    await publish(client, `homie/5/${screen.publicId}/player/state`, 'playing');
    await publish(client, `homie/5/${screen.publicId}/player/state`, 'idle');
    await publish(client, `homie/5/${other.publicId}/player/state`, 'playing');
    const [session, ...more] = await usagesOf(screen.key);
    expect(more).toEqual([]);
    expect(session).toMatchObject({ attributes: { role: 'sender' }, flags: 1 }); // rule U1: the time of receipt
    expect(session?.until?.getTime()).toBeGreaterThanOrEqual(session?.at.getTime() ?? Infinity);
    expect(await usagesOf(other.key)).toEqual([]);
    expect(await rejectsOf('device_key = $1', [screen.key])).toMatchObject([{ code: 'topic_not_allowed' }]);
    await leave(client);
  });

  it('of ChirpStack takes an uplink’s id: the same uplink twice is one usage (rule U1)', async () => {
    const gateway = await addGateway('chirpstack');
    const pressed = rule({ field: 'DI1_status', when: { equals: 'L' }, metric: 'unlock' });
    const lock = await addMapped('chirpstack', [pressed]);
    await grant(gateway, lock, 'a8404127a188d826');
    const client = await connect(gateway);
    const topic = 'application/d63c10b6-9263-4ab3-9299-4308fa19a2ad/device/a8404127a188d826/event/up';
    const uplink = {
      deduplicationId: 'bd3fdb3b-af86-4617-b9f2-da07075d2bc5',
      time: ago(1).toISOString(),
      deviceInfo: { devEui: 'a8404127a188d826' },
      object: { DI1_status: 'L' },
      rxInfo: [{ rssi: -101 }, { rssi: -54 }],
    };
    await publish(client, topic, uplink);
    await publish(client, topic, { ...uplink, rxInfo: [] });
    expect(await usagesOf(lock.key)).toHaveLength(1);
    expect(await signalOf(lock.key)).toMatchObject({ signal_dbm: -54 });
    await leave(client);
  });
});

it('a gateway’s flood of small messages is stored whole, in order and once', async () => {
  const gateway = await addGateway('zigbee2mqtt', 'mycket');
  const lock = await addMapped('zigbee2mqtt', [OPENED]);
  await grant(gateway, lock, 'lås');
  const client = await connect(gateway);
  const start = ago(60).getTime();
  const send = (index: number) =>
    publish(client, 'mycket/lås', { action: 'unlock', last_seen: new Date(start + index * 1000).toISOString() });
  await Promise.all(Array.from({ length: 500 }, (_, index) => send(index)));
  expect(await usagesOf(lock.key)).toHaveLength(500);
  await leave(client);
});
