import { DISCONNECT_CHANNEL, upwardTopic } from '#contracts';
import { describe, expect, it, vi } from 'vitest';
import { ago, leave, rule, type TestGateway, useGateways } from '../support/gateways.js';
import { closed, connect, publish, refusalOf } from '../support/mqtt.js';

const { addDevice, addGateway, addMapped, grant, port, query, rejectsOf, restartIngest, signalOf, usagesOf } =
  useGateways();
const OPENED = rule({
  field: 'action',
  when: { in: ['unlock', 'manual_unlock'] },
  metric: 'unlock',
  attributes: { result: 'success', actor_role: { field: 'action_source_name', map: { manual: 'staff' } } },
});
const STAFF = { result: 'success', actor_role: 'staff' };

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
      query('select external_name, messages::int from gateway_heard where gateway_key = $1', [gateway.key]);
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
    const lock = await addDevice();
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
    await restartIngest();
    await send({ ...gateway, port: port() }, ['UNLOCK', 'LOCK', 'UNLOCK'], 10);
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
      (await query('select connected from gateway_signal where gateway_key = $1', [gateway.key]))[0];
    await vi.waitFor(async () => expect(await connected()).toEqual({ connected: true }), 5_000);
    await query('update gateway_credential set revoked_at = now() where gateway_id = $1', [gateway.id]);
    await query('select pg_notify($1, $2)', [DISCONNECT_CHANNEL, String(-gateway.key)]);
    await closed(client);
    expect(await refusalOf(gateway)).toBe(4);
    await vi.waitFor(async () => expect(await connected()).toEqual({ connected: false }), 5_000);
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
