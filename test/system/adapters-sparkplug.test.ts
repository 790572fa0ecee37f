import type { MappingRule } from '#domain';
import type { IClientOptions, MqttClient } from 'mqtt';
import { describe, expect, it, vi } from 'vitest';
import * as captured from '../../libs/telemetry/src/adapters/sparkplug/captured.fixture.js';
import { TYPE, type WrittenMetric, written } from '../../libs/telemetry/src/adapters/sparkplug/written.fixture.js';
import { ago, leave, rule, type TestGateway, useGateways } from '../support/gateways.js';
import type { TestDevice } from '../support/ingest.js';
import { connect } from '../support/mqtt.js';

const { addGateway, addMapped, grant, port, query, rejectsOf, restartIngest, signalOf, usagesOf } = useGateways();

const OPENED = rule({
  field: 'Lock/Event',
  when: { equals: 'UNLOCK' },
  metric: 'unlock',
  attributes: { result: 'success', actor_role: { field: 'Lock/By', map: { '3': 'staff' } } },
});
const BATTERY = rule({ field: 'Battery', metric: 'battery', value: 'field' });

interface Site {
  readonly gateway: TestGateway;
  readonly lock: TestDevice;
  /** `{group}/{edge node}`. */
  readonly node: string;
  readonly where: (verb: string, device?: string) => string;
}
let sites = 0;
async function site(rules: MappingRule[] = [OPENED, BATTERY]): Promise<Site> {
  sites += 1;
  const [group, name] = ['Kommun', `nod${sites}`];
  const gateway = await addGateway('sparkplug');
  const lock = await addMapped('sparkplug', rules);
  await grant(gateway, lock, `${group}/${name}/lås`);
  const where = (verb: string, device = ''): string => `spBv1.0/${group}/${verb}/${name}${device && `/${device}`}`;
  return { gateway, lock, node: `${group}/${name}`, where };
}

/** As Sparkplug has it: births, data and deaths of devices at QoS 0. */
const send = (client: MqttClient, topic: string, payload: Parameters<typeof written>[0]): Promise<unknown> =>
  client.publishAsync(topic, written({ at: Date.now(), ...payload }), { qos: 0 });
const bdSeq = (long: number): WrittenMetric => ({ name: 'bdSeq', datatype: TYPE.int64, long });

/** Connects as an edge node does: its death is its will. */
async function begin({ gateway, where }: Site, connection: number, options: IClientOptions = {}): Promise<MqttClient> {
  const will = {
    topic: where('NDEATH'),
    payload: written({ at: Date.now(), metrics: [bdSeq(connection)] }),
    qos: 1 as const,
  };
  const client = await connect({ ...gateway, port: port() }, { will, ...options });
  await client.subscribeAsync(`${where('NCMD')}/#`, { qos: 1 });
  const rebirth = { name: 'Node Control/Rebirth', datatype: TYPE.bool, bool: false };
  await send(client, where('NBIRTH'), { seq: 0, metrics: [bdSeq(connection), rebirth] });
  return client;
}

/** The lock’s birth, with aliases from `first`: what happened last, by whom, and the battery. */
const birth = (client: MqttClient, { where }: Site, { first, at }: { first: number; at: number }): Promise<unknown> =>
  send(client, where('DBIRTH', 'lås'), {
    seq: 1,
    metrics: [
      { name: 'Lock/Event', alias: first, at, datatype: TYPE.text, text: 'UNLOCK' },
      { name: 'Lock/By', alias: first + 1, at, datatype: TYPE.int8, int: 3 },
      { name: 'Battery', alias: first + 2, at, datatype: TYPE.float, float: 81.5 },
    ],
  });
const opened = (first: number, at: number): WrittenMetric[] => [
  { alias: first, at, text: 'UNLOCK' },
  { alias: first + 1, at, int: 3 },
];
const unlocksOf = async ({ lock }: Site) => (await usagesOf(lock.key)).filter(({ attributes }) => attributes !== null);
const gapsOf = ({ gateway }: Site) =>
  query<{ sender: string; gaps: number; last_gap: string | null }>(
    'select sender, gaps::int, last_gap from adapter_session where login_key = $1',
    [-gateway.key],
  );
const refusedOf = ({ gateway }: Site) => rejectsOf('client_name like $1', [`${gateway.publicId}/%`]);

describe('an edge node', () => {
  it('reports its device’s use by alias: rows and states appear, a repeat counts once, a birth counts no event', async () => {
    const place = await site();
    const { lock, where } = place;
    const client = await begin(place, 0);
    await birth(client, place, { first: 10, at: ago(30).getTime() });
    const at = ago(5);
    await send(client, where('DDATA', 'lås'), { seq: 2, metrics: opened(10, at.getTime()) });
    await send(client, where('DDATA', 'lås'), { seq: 3, metrics: opened(10, at.getTime()) });
    const late = ago(60 * 24);
    const historical = opened(10, late.getTime()).map((metric) => ({ ...metric, isHistorical: true }));
    await send(client, where('DDATA', 'lås'), { seq: 4, metrics: [...historical, { alias: 12, isNull: true }] });
    await vi.waitFor(async () => expect(await unlocksOf(place)).toHaveLength(2), 5_000);
    const attributes = { result: 'success', actor_role: 'staff' };
    expect((await unlocksOf(place)).map((usage) => [usage.at, usage.attributes, usage.flags])).toEqual([
      [late, attributes, 0],
      [at, attributes, 0],
    ]);
    // The battery as it stood at the birth is a measured value.
    expect((await usagesOf(lock.key)).map(({ value }) => value).sort()).toEqual([1, 1, 81.5]);
    await vi.waitFor(async () => expect(await signalOf(lock.key)).toMatchObject({ state: 'online' }), 5_000);
    await send(client, where('DDEATH', 'lås'), { seq: 5 });
    await vi.waitFor(async () => expect(await signalOf(lock.key)).toMatchObject({ state: 'offline' }), 5_000);
    expect(await refusedOf(place)).toEqual([]);
    const known = [{ sender: place.node, gaps: 0 }]; // written a few times a second
    await vi.waitFor(async () => expect(await gapsOf(place)).toMatchObject(known), 5_000);
    await leave(client);
  });

  it('that is cut off loses its devices by its will; after the reconnection the new birth’s aliases count', async () => {
    const place = await site();
    const client = await begin(place, 0);
    await birth(client, place, { first: 10, at: ago(60).getTime() });
    await vi.waitFor(async () => expect(await signalOf(place.lock.key)).toMatchObject({ state: 'online' }), 5_000);
    client.stream.destroy();
    await vi.waitFor(async () => expect(await signalOf(place.lock.key)).toMatchObject({ state: 'lost' }), 5_000);
    const again = await begin(place, 1);
    // What was the battery's alias is the event's now.
    await birth(again, place, { first: 12, at: ago(50).getTime() });
    await send(again, place.where('DDATA', 'lås'), { seq: 2, metrics: opened(12, ago(40).getTime()) });
    await vi.waitFor(async () => expect(await unlocksOf(place)).toHaveLength(1), 5_000);
    await vi.waitFor(async () => expect(await signalOf(place.lock.key)).toMatchObject({ state: 'online' }), 5_000);
    // The first connection's will once more, come late: it is not this connection's.
    const payload = written({ at: Date.now(), metrics: [bdSeq(0)] });
    await again.publishAsync(place.where('NDEATH'), payload, { qos: 1 });
    // What has become of it is written together with what came after it.
    await send(again, place.where('NDATA'), { seq: 9 });
    await vi.waitFor(async () => expect(await gapsOf(place)).toMatchObject([{ gaps: 1 }]), 5_000);
    expect(await signalOf(place.lock.key)).toMatchObject({ state: 'online' });
    await send(again, place.where('DDATA', 'lås'), { seq: 10, metrics: opened(12, ago(30).getTime()) });
    await vi.waitFor(async () => expect(await unlocksOf(place)).toHaveLength(2), 5_000);
    expect(await refusedOf(place)).toEqual([]);
    await leave(again);
  });

  it('is understood by the aliases of its birth after a restart of this side, without a gap in between', async () => {
    const place = await site();
    const client = await begin(place, 3);
    await birth(client, place, { first: 1, at: ago(60).getTime() });
    await vi.waitFor(async () => expect(await signalOf(place.lock.key)).toMatchObject({ state: 'online' }), 5_000);
    await restartIngest();
    const again = await connect({ ...place.gateway, port: port() });
    await send(again, place.where('DDATA', 'lås'), { seq: 99, metrics: opened(1, ago(3).getTime()) });
    await vi.waitFor(async () => expect(await unlocksOf(place)).toHaveLength(1), 5_000);
    // From there on it counts again.
    await send(again, place.where('DDATA', 'lås'), { seq: 102, metrics: [] });
    const told = { gaps: 1, last_gap: 'seq 102 came after 99: 2 missing' };
    await vi.waitFor(async () => expect(await gapsOf(place)).toMatchObject([told]), 5_000);
    await leave(again);
  });

  it('whose count has a hole has it told, each once, and what did come counts', async () => {
    const place = await site();
    const client = await begin(place, 0);
    await birth(client, place, { first: 1, at: ago(60).getTime() });
    await send(client, place.where('DDATA', 'lås'), { seq: 5, metrics: opened(1, ago(20).getTime()) });
    await vi.waitFor(async () => expect(await unlocksOf(place)).toHaveLength(1), 5_000);
    const told = (gaps: number, last_gap: string) =>
      vi.waitFor(async () => expect(await gapsOf(place)).toEqual([{ sender: place.node, gaps, last_gap }]), 5_000);
    await told(1, 'seq 5 came after 1: 3 missing');
    await leave(client);
    const again = await begin(place, 4);
    await told(2, 'bdSeq 4 came after 0: 3 missing');
    await restartIngest();
    await leave(again);
    const third = await begin(place, 6);
    await told(3, 'bdSeq 6 came after 4: 1 missing');
    await leave(third);
  });

  it('whose birth is missing is asked for it, once, and only who has sent gets the request', async () => {
    const [place, other] = [await site(), await site()];
    const listening = await begin(other, 0);
    const overheard: string[] = [];
    listening.on('message', (topic) => overheard.push(topic));
    await listening.subscribeAsync('spBv1.0/#', { qos: 1 });
    const client = await connect({ ...place.gateway, port: port() });
    const asked: { topic: string; payload: Buffer }[] = [];
    client.on('message', (topic, payload) => asked.push({ topic, payload }));
    await client.subscribeAsync(`${place.where('NCMD')}/#`, { qos: 1 });
    for (const seq of [7, 8])
      await send(client, place.where('DDATA', 'lås'), { seq, metrics: opened(1, ago(9).getTime()) });
    await vi.waitFor(() => expect(asked).toHaveLength(1), 5_000);
    expect(asked[0]?.topic).toBe(place.where('NCMD'));
    expect(asked[0]?.payload.includes('Node Control/Rebirth')).toBe(true);
    const reason = `no DBIRTH of ${place.node}/lås in this session tells what alias 1, alias 2 is: a birth is missing`;
    const refused = () => rejectsOf('device_key = $1', [place.lock.key]);
    await vi.waitFor(async () => expect(await refused()).toHaveLength(2), 5_000);
    expect(await refused()).toMatchObject([
      { code: 'unknown_metric', reason },
      { code: 'unknown_metric', reason },
    ]);
    // It answers with its births, and the data that follows is understood.
    await send(client, place.where('NBIRTH'), { seq: 0, metrics: [bdSeq(0)] });
    await birth(client, place, { first: 1, at: ago(9).getTime() });
    await send(client, place.where('DDATA', 'lås'), { seq: 2, metrics: opened(1, ago(8).getTime()) });
    await vi.waitFor(async () => expect(await unlocksOf(place)).toHaveLength(1), 5_000);
    expect([asked.length, overheard]).toEqual([1, []]);
    await leave(client);
    await leave(listening);
  });

  it('may speak for itself once it is granted; until then it is heard, and what is not its own is refused', async () => {
    const place = await site();
    const client = await connect(place.gateway);
    await client.publishAsync(captured.UMH_NBIRTH.topic, captured.UMH_NBIRTH.payload, { qos: 0 });
    await send(client, 'spBv1.0/Kommun/DDATA/annan/x', {
      seq: 1,
      metrics: [{ name: 'a', datatype: TYPE.bool, bool: true }],
    });
    await client.publishAsync('zigbee2mqtt/lås', '{}', { qos: 1 });
    const heard = () =>
      query('select external_name from gateway_heard where gateway_key = $1 order by 1', [place.gateway.key]);
    const names = [{ external_name: 'Kommun/annan/x' }, { external_name: 'factory/line1' }];
    await vi.waitFor(async () => expect(await heard()).toEqual(names), 5_000);
    const codes = async () => (await refusedOf(place)).map(({ code }) => code);
    await vi.waitFor(async () => expect(await codes()).toEqual(['unknown_device', 'topic_not_allowed']), 5_000);
    await leave(client);
    const itself = await addMapped('sparkplug', [OPENED]);
    await grant(place.gateway, itself, place.node);
    const granted = await begin(place, 0);
    const metrics = [{ name: 'Lock/Event', datatype: TYPE.text, at: ago(3).getTime(), text: 'UNLOCK' }];
    await send(granted, place.where('NDATA'), { seq: 1, metrics });
    await vi.waitFor(async () => expect(await usagesOf(itself.key)).toHaveLength(1), 5_000);
    await leave(granted);
  });

  it('is remembered whatever commands are published beside it, under names that nobody can have', async () => {
    const place = await site();
    const client = await begin(place, 0);
    await client.publishAsync(`spBv1.0/${'x'.repeat(200)}/NCMD/nod`, '', { qos: 1 });
    await send(client, place.where('DDATA', 'lås'), { seq: 4, metrics: [] });
    const told = [{ sender: place.node, gaps: 1, last_gap: 'seq 4 came after 0: 3 missing' }];
    await vi.waitFor(async () => expect(await gapsOf(place)).toEqual(told), 5_000);
    await leave(client);
  });

  it('has a malformed payload refused at its device, with the bytes and the place of the fault', async () => {
    const place = await site();
    const client = await connect(place.gateway);
    const payload = Buffer.from('08ff0a12', 'hex');
    await client.publishAsync(place.where('DDATA', 'lås'), payload, { qos: 0 });
    const refused = () => rejectsOf('device_key = $1', [place.lock.key]);
    await vi.waitFor(async () => expect(await refused()).toHaveLength(1), 5_000);
    const reason = 'no Sparkplug B payload: 1 bytes wanted, 0 left at byte 4';
    expect(await refused()).toMatchObject([{ code: 'schema', reason, payload }]);
    await leave(client);
  });
});

it('a device under its own login is an edge node of its own name', async () => {
  const lock = await addMapped('sparkplug', [OPENED]);
  const client = await connect({ ...lock, port: port() });
  const topic = (verb: string, name = lock.publicId): string => `spBv1.0/Kommun/${verb}/${name}`;
  const metrics = [{ name: 'Lock/Event', alias: 1, datatype: TYPE.text, text: 'LOCK' }];
  await send(client, topic('NBIRTH'), { seq: 0, metrics: [bdSeq(0), ...metrics] });
  await send(client, topic('NDATA'), { seq: 1, metrics: [{ alias: 1, at: ago(2).getTime(), text: 'UNLOCK' }] });
  await send(client, topic('NBIRTH', 'nagon-annan'), { seq: 0, metrics });
  await vi.waitFor(async () => expect(await usagesOf(lock.key)).toHaveLength(1), 5_000);
  const refused = () => rejectsOf('device_key = $1', [lock.key]);
  await vi.waitFor(async () => expect(await refused()).toMatchObject([{ code: 'topic_not_allowed' }]), 5_000);
  await leave(client);
});
