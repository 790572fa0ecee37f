import { upwardTopic } from '#contracts';
import { describe, expect, it } from 'vitest';
import { ago, leave, rule, useGateways } from '../support/gateways.js';
import { connect, publish } from '../support/mqtt.js';

const { addDevice, addGateway, addMapped, grant, port, rejectsOf, signalOf, usagesOf } = useGateways();

describe('a device under its own login', () => {
  it('speaks ThingsBoard once its product is mapped; before, the message is refused with its payload', async () => {
    const plain = await addDevice();
    const early = await connect({ ...plain, port: port() });
    await publish(early, 'v1/devices/me/telemetry', { openings: 1 });
    expect(await rejectsOf('device_key = $1', [plain.key])).toMatchObject([{ code: 'topic_not_allowed' }]);
    await leave(early);
    const lock = await addMapped('thingsboard', [rule({ field: 'battery', metric: 'battery', value: 'field' })]);
    const client = await connect({ ...lock, port: port() });
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
    const client = await connect({ ...screen, port: port() });
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
