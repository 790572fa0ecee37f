import { auditApi, mappingsApi, type MappingRuleMessage } from '#contracts';
import { READ_CHANGED_MAPPINGS, READ_CUSTODY_VERSION, READ_MAPPED_DEVICES } from '#database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from '../support/api.js';
import { TYPE, type WrittenMetric, written } from '../../libs/telemetry/src/adapters/sparkplug/written.fixture.js';
import * as build from '../support/builders.js';

let api: TestApi;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

async function place() {
  const root = await build.municipality(api);
  const unit = await build.node(api, root);
  const product = await build.product(api, unit);
  const as = api.as(await build.user(api, { role: 'technician', node: unit }));
  const params = { id: product.id, ecosystem: 'zigbee2mqtt' as const };
  return { root, unit, product, as, params };
}

const UNLOCK: MappingRuleMessage = {
  field: 'action',
  when: { in: ['unlock', 'manual_unlock'] },
  metric: 'unlock',
  value: 'none',
  attributes: { result: 'success', actor_role: { field: 'action_source_name', map: { manual: 'staff' } } },
  session: null,
};
const TOPIC = 'zigbee2mqtt/0x002446fffd038aa7';
/** A Kwikset lock: https://github.com/Koenkk/zigbee2mqtt/issues/22779, at a time of today. */
const payload = (at = new Date()) =>
  JSON.stringify({ action: 'manual_unlock', action_source_name: 'manual', battery: 70, last_seen: at.toISOString() });

describe('a mapping', () => {
  test('is kept version by version, with who changed it, in the log', async () => {
    const { root, as, params } = await place();
    const first = await as.call(mappingsApi.edit, { params, body: { rules: [UNLOCK], basedOn: 0 } });
    expect(first).toMatchObject({ version: 1, rules: [UNLOCK], ecosystem: 'zigbee2mqtt' });
    await as.call(mappingsApi.edit, { params, body: { rules: [], basedOn: 1 } });
    const versions = await as.call(mappingsApi.list, { params: { id: params.id } });
    expect(versions.map(({ version, rules }) => [version, rules.length])).toEqual([
      [2, 0],
      [1, 1],
    ]);
    const auditor = api.as(await build.user(api, { role: 'auditor', node: root }));
    const log = await auditor.call(auditApi.list, { query: { subjectId: params.id } });
    expect(log.rows.map(({ action }) => action)).toEqual(['product.map', 'product.map']);
  });

  test('of a quiet ecosystem is listed, however often that of another was edited', async () => {
    const { as, product, params } = await place();
    const body = { rules: [UNLOCK], basedOn: 0 };
    await as.call(mappingsApi.edit, { params: { ...params, ecosystem: 'homie' }, body });
    await api.db.query(
      `insert into product_mapping (id, product_id, ecosystem, version, rules)
       select gen_random_uuid(), $1, 'zigbee2mqtt', n, '[]' from generate_series(1, 201) n`,
      [product.id],
    );
    const versions = await as.call(mappingsApi.list, { params: { id: params.id } });
    const of = (wanted: string) =>
      versions.filter(({ ecosystem }) => ecosystem === wanted).map(({ version }) => version);
    expect(of('homie')).toEqual([1]);
    expect(of('zigbee2mqtt')).toEqual(Array.from({ length: 200 }, (_, index) => 201 - index));
  });

  test('of two who edit at once, the second is told', async () => {
    const { as, params } = await place();
    await as.call(mappingsApi.edit, { params, body: { rules: [UNLOCK], basedOn: 0 } });
    const late = await as.raw(mappingsApi.edit, { params, body: { rules: [], basedOn: 0 } });
    expect(late).toMatchObject({ status: 409, body: { code: 'changed_meanwhile' } });
  });

  test.each<[string, object, object]>([
    ['mapping_metric', { metric: 'opening' }, { rule: 0, field: 'metric' }],
    ['mapping_attribute', { attributes: { result: 'opened' } }, { field: 'attributes.result', impossible: 'opened' }],
    ['mapping_attribute', { attributes: { colour: 'red' } }, { field: 'attributes.colour' }],
    ['mapping_attribute', { attributes: { result: { field: 'x', map: { a: 'b' } } } }, { impossible: 'b' }],
    ['mapping_value', { metric: 'battery', attributes: {} }, { field: 'value' }],
    ['mapping_value', { value: { scale: 0, offset: 1 } }, { field: 'value' }],
    ['mapping_value', { metric: 'battery', value: 'times', attributes: {} }, { field: 'value' }],
    ['mapping_session', { session: { startWhen: { equals: 1 }, endWhen: { equals: 2 } } }, { field: 'session' }],
  ])('that cannot work is refused as %s for %o, naming where', async (code, change, details) => {
    const { as, params } = await place();
    const body = { rules: [{ ...UNLOCK, ...change }], basedOn: 0 };
    expect(await as.raw(mappingsApi.edit, { params, body })).toMatchObject({ status: 422, body: { code, details } });
  });

  test.each<[string, object]>([
    ['body.rules.0.when', { when: { like: 'x' } }],
    ['body.rules.0.value', { value: 'half' }],
    ['body.rules.0.field', { field: '' }],
  ])('of the wrong shape is refused at %s', async (path, change) => {
    const { as, params } = await place();
    const answer = await as.raw(mappingsApi.edit, { params, body: { rules: [{ ...UNLOCK, ...change }], basedOn: 0 } });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path }] } });
  });

  test('is edited by whoever edits products, and read by whoever reads them', async () => {
    const { unit, params } = await place();
    const manager = api.as(await build.user(api, { role: 'manager', node: unit }));
    expect((await manager.raw(mappingsApi.list, { params: { id: params.id } })).status).toBe(200);
    expect((await manager.raw(mappingsApi.edit, { params, body: { rules: [], basedOn: 0 } })).status).toBe(403);
    expect((await manager.raw(mappingsApi.preview, { params, body: { rules: [] } })).status).toBe(403);
  });

  test('reaches ingest by the custody version, with the devices of its product', async () => {
    const { as, unit, product, params } = await place();
    const device = await build.device(api, unit, { product });
    const [{ version } = { version: '' }] = await api.db.query<{ version: string }[]>(READ_CUSTODY_VERSION.text);
    await as.call(mappingsApi.edit, { params, body: { rules: [UNLOCK], basedOn: 0 } });
    const changed = await api.db.query<object[]>(READ_CHANGED_MAPPINGS.text, [version]);
    expect(changed).toEqual([{ product_id: product.id, ecosystem: 'zigbee2mqtt', rules: [UNLOCK] }]);
    const devices = await api.db.query<object[]>(READ_MAPPED_DEVICES.text, [version]);
    expect(devices).toEqual([{ key: device.key, product_id: product.id }]);
    await expect(api.db.query('delete from product_mapping')).rejects.toThrow();
  });
});

describe('a preview', () => {
  const reject = (key: number, given: { topic: string; payload: string; bytes?: number }) =>
    api.db.query(
      `insert into rejected_message (received_at, device_key, client_name, topic, code, reason, payload, payload_bytes)
       values (now(), $1, 'x', $2, 'topic_not_allowed', 'no mapping', $3, $4)`,
      [key, given.topic, Buffer.from(given.payload), given.bytes ?? Buffer.byteLength(given.payload)],
    );

  test('shows the readings of a pasted sample and the usages they make', async () => {
    const { as, params } = await place();
    const at = new Date(Date.now() - 60_000);
    const samples = [{ topic: TOPIC, payload: payload(at) }];
    const [message] = await as.call(mappingsApi.preview, { params, body: { rules: [UNLOCK], samples } });
    expect(message?.devices).toMatchObject([{ name: '0x002446fffd038aa7', battery: 70 }]);
    expect(message?.devices[0]?.readings[0]).toEqual({ field: 'action', value: 'manual_unlock', at: at.toISOString() });
    expect(message?.usages).toEqual([
      {
        device: '0x002446fffd038aa7',
        metric: 'unlock',
        at: at.toISOString(),
        isReceivedTime: false,
        until: null,
        value: 1,
        attributes: { result: 'success', actor_role: 'staff' },
      },
    ]);
    expect(message?.rejections).toEqual([]);
  });

  test('follows changes from one pasted message to the next', async () => {
    const { as, params } = await place();
    const rules = [{ ...UNLOCK, field: 'state', when: { changesTo: 'UNLOCK' }, attributes: {} }];
    const samples = ['LOCK', 'UNLOCK', 'UNLOCK'].map((state) => ({ topic: TOPIC, payload: JSON.stringify({ state }) }));
    const messages = await as.call(mappingsApi.preview, { params, body: { rules, samples } });
    expect(messages.map(({ usages }) => usages.length)).toEqual([0, 1, 0]);
  });

  test('says why something would not be taken, by the native rules', async () => {
    const { as, params } = await place();
    const samples = [
      { topic: TOPIC, payload: payload(new Date('2001-01-01')) },
      { topic: TOPIC, payload: '{"action":' },
      { topic: 'homie/5/x/y/z', payload: '1' },
    ];
    const battery = {
      ...UNLOCK,
      when: null,
      field: 'battery',
      metric: 'battery',
      value: { scale: 2, offset: 0 },
      attributes: {},
    };
    const messages = await as.call(mappingsApi.preview, { params, body: { rules: [battery], samples } });
    expect(messages.map(({ rejections }) => rejections.map(({ code }) => code))).toEqual([
      ['time_too_old', 'time_too_old'], // the health message with its battery, and the gauge
      ['not_json'],
      ['topic_not_allowed'],
    ]);
    const now = [{ topic: TOPIC, payload: payload() }];
    const [tooMuch] = await as.call(mappingsApi.preview, { params, body: { rules: [battery], samples: now } });
    expect(tooMuch?.rejections).toMatchObject([{ code: 'value_out_of_range' }]); // 140 %
  });

  test('tries the last rejected messages of the product’s devices, whole ones of this ecosystem only', async () => {
    const { as, unit, product, params } = await place();
    const device = await build.device(api, unit, { product });
    await reject(device.key, { topic: TOPIC, payload: payload() });
    await reject(device.key, { topic: `wt/v1/${device.publicId}/usage`, payload: '{}' });
    await reject(device.key, { topic: TOPIC, payload: '{"action":"cut', bytes: 9_000 });
    const messages = await as.call(mappingsApi.preview, { params, body: { rules: [UNLOCK] } });
    expect(messages).toMatchObject([{ isSample: false, topic: TOPIC, usages: [{ metric: 'unlock' }] }]);
  });

  test('rule U8: shows nothing of what a device sent after it had left', async () => {
    const { as, root, unit, product, params } = await place();
    const device = await build.device(api, await build.node(api, root), { product });
    const hoursAgo = (hours: number): Date => new Date(Date.now() - hours * 3_600_000);
    await build.placement(api, { device, node: unit }, { startsAt: hoursAgo(5), endsAt: hoursAgo(3) });
    for (const said of ['then', 'since']) await reject(device.key, { topic: `${TOPIC}/${said}`, payload: '{}' });
    await api.db.query(`update rejected_message set received_at = $2 where device_key = $1 and topic like '%/then'`, [
      device.key,
      hoursAgo(4),
    ]);
    const messages = await as.call(mappingsApi.preview, { params, body: { rules: [UNLOCK] } });
    expect(messages.map(({ topic }) => topic)).toEqual([`${TOPIC}/then`]);
  });

  describe('of Sparkplug', () => {
    const topic = 'spBv1.0/Kommun/DDATA/nod/lås';
    const rules = [{ ...UNLOCK, field: 'Lock/Event', when: { equals: 'UNLOCK' }, attributes: {} }];
    const said = (metric: WrittenMetric) => written({ at: Date.now(), seq: 1, metrics: [metric] });
    const inSparkplug = (id: string) => ({ id, ecosystem: 'sparkplug' as const });

    test('shows pasted bytes decoded, in hexadecimal and base64, and what is no Sparkplug', async () => {
      const { as, params } = await place();
      const bytes = said({ name: 'Lock/Event', datatype: TYPE.text, text: 'UNLOCK' });
      const hex = bytes.toString('hex').replaceAll(/../g, '$& ');
      const samples = [hex, bytes.toString('base64'), '{"action":1}'].map((payload) => ({ topic, payload }));
      const messages = await as.call(mappingsApi.preview, { params: inSparkplug(params.id), body: { rules, samples } });
      const decoded = { devices: [{ name: 'Kommun/nod/lås', readings: [{ field: 'Lock/Event', value: 'UNLOCK' }] }] };
      expect(messages).toMatchObject([
        { ...decoded, usages: [{ metric: 'unlock' }] },
        { ...decoded, usages: [{ metric: 'unlock' }] },
        { devices: [], rejections: [{ code: 'schema' }] },
      ]);
    });

    test('knows the names behind the aliases of stored messages by what the gateways’ nodes were born as', async () => {
      const { as, root, unit, product, params } = await place();
      const alias = said({ alias: 7, text: 'UNLOCK' });
      const device = await build.device(api, unit, { product });
      await api.db.query(
        `insert into rejected_message (received_at, device_key, client_name, topic, code, reason, payload, payload_bytes)
         values (now(), $1, 'x', $2, 'unknown_metric', 'no mapping', $3, $4)`,
        [device.key, topic, alias, alias.length],
      );
      const preview = async () =>
        (await as.call(mappingsApi.preview, { params: inSparkplug(params.id), body: { rules } }))[0];
      expect((await preview())?.rejections).toMatchObject([{ code: 'unknown_metric' }]);
      const session = {
        bdSeq: 0,
        seq: null,
        bornAtMs: 1,
        devices: { lås: { datatypes: { 'Lock/Event': 12 }, aliases: { 7: 'Lock/Event' } } },
      };
      const remember = async (node: typeof unit) => {
        const { id } = await build.gateway(api, node, { ecosystem: 'sparkplug', topicPrefix: '' });
        await api.db.query(
          `insert into adapter_session (login_key, sender, session)
           select -key, 'Kommun/nod', $2 from gateway where id = $1`,
          [id, session],
        );
      };
      await remember(await build.node(api, root)); // a gateway of another unit tells nothing
      expect((await preview())?.usages).toEqual([]);
      await remember(unit);
      expect(await preview()).toMatchObject({ isSample: false, usages: [{ metric: 'unlock' }], rejections: [] });
    });
  });

  test('knows the prefixes of the gateways, and shows no other unit’s messages (rule K3)', async () => {
    const { as, root, unit, product, params } = await place();
    await build.gateway(api, unit, { topicPrefix: 'hus/z2m' });
    const elsewhere = await build.device(api, await build.node(api, root), { product });
    await reject(elsewhere.key, { topic: TOPIC, payload: payload() });
    const samples = [{ topic: 'hus/z2m/dörr', payload: payload() }];
    const messages = await as.call(mappingsApi.preview, { params, body: { rules: [UNLOCK], samples } });
    expect(messages).toMatchObject([{ isSample: true, devices: [{ name: 'dörr' }], usages: [{ metric: 'unlock' }] }]);
  });
});
