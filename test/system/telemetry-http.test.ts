import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Allowances } from '../../apps/api/src/telemetry/http/allowances.js';
import { credentialsOf } from '../../apps/api/src/telemetry/http/credentials.js';
import { type ApiWithIngest, inboxLength, startApiWithIngest, usageOf } from '../support/api-with-ingest.js';
import { device, municipality, node, placement, type TestDevice } from '../support/builders.js';

let system: ApiWithIngest;
beforeAll(async () => (system = await startApiWithIngest()));
afterAll(() => system.close());

async function lock(given: Parameters<typeof device>[2] = {}): Promise<TestDevice> {
  const unit = await node(system.api, await municipality(system.api));
  const made = await device(system.api, unit, given);
  await placement(system.api, { device: made, node: unit });
  return made;
}

const basic = ({ publicId, secret }: TestDevice): string =>
  `Basic ${Buffer.from(`${publicId}:${secret}`).toString('base64')}`;
const bearer = ({ publicId, secret }: TestDevice): string => `Bearer ${publicId}:${secret}`;

interface Answer {
  status: number;
  body: { accepted?: number; rejected?: { index: number | null; code: string }[]; code?: string };
  headers: Headers;
}

async function send(
  authorization: string | undefined,
  content: unknown,
  { channel = '', type = 'application/json' } = {},
): Promise<Answer> {
  const body = typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content);
  const headers = { 'content-type': type, ...(authorization === undefined ? {} : { authorization }) };
  const url = `${system.api.url}/api/telemetry${channel && `/${channel}`}`;
  const response = await fetch(url, { method: 'POST', headers, body: body as string });
  return { status: response.status, body: (await response.json()) as Answer['body'], headers: response.headers };
}

const unlock = (id: string, at = Date.now()) => ({ id, metric: 'unlock', at, attributes: { result: 'success' } });
const until = (assert: () => Promise<void>) => vi.waitFor(assert, { timeout: 10_000, interval: 50 });
const rejectsOf = ({ key }: TestDevice): Promise<{ code: string; element: number | null }[]> =>
  system.api.db.query('select code, element from rejected_message where device_key = $1 order by id', [key]);

describe('a device that speaks HTTP', () => {
  test('has its usage stored once, however often it sends it, and by MQTT’s own key (rule U1)', async () => {
    const device = await lock();
    const usage = unlock('a');
    for (const authorization of [basic(device), bearer(device), basic(device)])
      expect(await send(authorization, usage)).toMatchObject({ status: 202, body: { accepted: 1, rejected: [] } });
    await until(async () => expect(await inboxLength(system.api)).toBe(0));
    expect(await usageOf(system.api, device)).toEqual([
      { at: new Date(usage.at), value: 1, flags: 0, attributes: { result: 'success' } },
    ]);
  });

  test.each([
    ['an array', (usages: object[]) => usages],
    ['usages with the device', (usages: object[], device: TestDevice) => ({ device: device.publicId, usages })],
    ['usages alone', (usages: object[]) => ({ usages })],
  ])('may send %s', async (_what, wrap) => {
    const device = await lock();
    const usages = [unlock('a'), unlock('b', Date.now() - 60_000)];
    expect(await send(basic(device), wrap(usages, device))).toMatchObject({ status: 202, body: { accepted: 2 } });
    await until(async () => expect(await usageOf(system.api, device)).toHaveLength(2));
  });

  test('learns at once what cannot be taken, and the rejects keep it too', async () => {
    const device = await lock();
    const usages = [unlock('a'), { id: 'b', metric: 'wash' }, unlock('c', Date.now() + 3_600_000), 7];
    const { status, body } = await send(basic(device), usages);
    const codes = [
      { index: 1, code: 'unknown_metric' },
      { index: 3, code: 'schema' },
      { index: 2, code: 'time_in_future' },
    ];
    expect({ status, body }).toMatchObject({ status: 202, body: { accepted: 1, rejected: codes } });
    await until(async () => {
      const stored = await rejectsOf(device);
      expect(stored.map(({ code, element }) => [element, code]).sort()).toEqual([
        [1, 'unknown_metric'],
        [2, 'time_in_future'],
        [3, 'schema'],
      ]);
    });
    expect(await usageOf(system.api, device)).toHaveLength(1);
  });

  test.each([
    ['no JSON', '{"id":', 'not_json'],
    ['nothing', '', 'not_json'],
    ['bytes that are no text', Uint8Array.of(0xff, 0xfe, 0x00), 'binary_payload'],
    ['usages that are none', { usages: 'many' }, 'schema'],
    ['too many usages', Array.from({ length: 501 }, (_, index) => ({ id: `${index}`, metric: 'unlock' })), 'schema'],
  ])('that sends %s gets it told and listed', async (_what, content, code) => {
    const device = await lock();
    expect(await send(basic(device), content)).toMatchObject({
      status: 202,
      body: { accepted: 0, rejected: [{ index: null, code }] },
    });
    await until(async () => expect(await rejectsOf(device)).toEqual([{ code, element: null }]));
  });

  test('that sends 70 kB is answered 413, and the reject says so', async () => {
    const device = await lock();
    const answer = await send(basic(device), { usages: [unlock('a')], more: 'x'.repeat(70_000) });
    expect(answer).toMatchObject({ status: 413, body: { code: 'payload_too_large' } });
    await until(async () => expect(await rejectsOf(device)).toEqual([{ code: 'payload_too_large', element: null }]));
  });

  test('tells its state and health', async () => {
    const device = await lock();
    await send(basic(device), { state: 'online' }, { channel: 'state' });
    await send(basic(device), { device: device.publicId, battery: 71 }, { channel: 'health' });
    expect((await send(basic(device), { battery: 300 }, { channel: 'health' })).body).toMatchObject({ accepted: 0 });
    await until(async () => {
      const [row] = await system.api.db.query<{ state: string; battery: number }[]>(
        'select state, battery from device_signal where device_key = $1',
        [device.key],
      );
      expect(row).toEqual({ state: 'online', battery: 71 });
    });
  });

  test('speaks for itself alone', async () => {
    const [one, other] = [await lock(), await lock()];
    const answer = await send(basic(one), { device: other.publicId, usages: [unlock('a')] });
    expect(answer).toMatchObject({ status: 403, body: { code: 'device_not_yours' } });
    expect(await usageOf(system.api, other)).toEqual([]);
  });

  test('may have ids that repeat in one message told as rejects: nothing is dropped (rule U2)', async () => {
    const device = await lock();
    const at = Date.now();
    const [usage, reused] = [unlock('a', at), { ...unlock('a', at), attributes: { result: 'failure' } }];
    await send(basic(device), usage);
    await until(async () => expect(await usageOf(system.api, device)).toHaveLength(1));
    await send(basic(device), reused);
    await until(async () => expect(await rejectsOf(device)).toEqual([{ code: 'id_reused', element: null }]));
  });
});

describe('whoever has no right secret', () => {
  test.each([
    ['a wrong one', (device: TestDevice) => basic({ ...device, secret: 'wrong' })],
    ['none', () => undefined],
    ['an odd header', () => 'Bearer'],
  ])('%s is answered 401', async (_what, authorization) => {
    const device = await lock();
    const answer = await send(authorization(device), unlock('a'));
    expect(answer).toMatchObject({ status: 401, body: { code: 'wrong_credentials' } });
    expect(answer.headers.get('www-authenticate')).toContain('Basic');
  });

  test('is let in by a right one without delay, while wrong ones wait longer and longer', async () => {
    const device = await lock();
    const started = Date.now();
    const wrong = [1, 2, 3].map(() => send(basic({ ...device, secret: 'wrong' }), unlock('a')));
    expect((await send(basic(device), unlock('b'))).status).toBe(202);
    const right = Date.now() - started;
    await Promise.all(wrong);
    expect(Date.now() - started).toBeGreaterThan(right);
  });

  test('an unknown name is listed for administrators, without what was sent', async () => {
    const name = `okand-${Date.now()}`;
    await send(`Bearer ${name}:secret`, unlock('a'));
    await until(async () => {
      const rows: object[] = await system.api.db.query(
        'select device_key, code, octet_length(payload) as kept from rejected_message where client_name = $1',
        [name],
      );
      expect(rows).toEqual([{ device_key: null, code: 'unknown_device', kept: 0 }]);
    });
  });

  test('a revoked secret no longer counts', async () => {
    const device = await lock();
    await system.api.db.query('update device_credential set revoked_at = now() where device_id = $1', [device.id]);
    expect((await send(basic(device), unlock('a'))).status).toBe(401);
  });
});

test('over its allowance a device is told when to come back, and another one is not held up', async () => {
  const [noisy, calm] = [await lock(), await lock()];
  const full = Array.from({ length: 500 }, () => ({ metric: 'wash' }));
  let answer = await send(basic(noisy), full);
  for (let sent = 1; sent < 14 && answer.status === 202; sent += 1) answer = await send(basic(noisy), full);
  expect(answer).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await send(basic(calm), unlock('a'))).status).toBe(202);
});

test('a body that is too large spends of the allowance too: over it, nothing of it is stored', async () => {
  const device = await lock();
  const tooLarge = { usages: [unlock('a')], more: 'x'.repeat(70_000) };
  expect((await send(basic(device), `[${'7,'.repeat(29_999)}7]`)).status).toBe(202); // in debt for almost a minute
  expect(await send(basic(device), tooLarge)).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
  await until(async () => expect(await inboxLength(system.api)).toBe(0));
  expect(await rejectsOf(device)).toEqual([{ code: 'schema', element: null }]);
});

test('a retired device’s message becomes a reject, as over MQTT', async () => {
  const device = await lock({ lifecycle: 'retired' });
  expect((await send(basic(device), unlock('a'))).body).toMatchObject({
    accepted: 0,
    rejected: [{ code: 'device_retired' }],
  });
  await until(async () => expect(await rejectsOf(device)).toEqual([{ code: 'device_retired', element: null }]));
});

describe('an allowance', () => {
  test('is spent, and comes back with time', () => {
    const allowances = new Allowances({ perSecond: 10, atOnce: 20 });
    expect(allowances.spend('a', 20, 0)).toBe(0);
    expect(allowances.spend('a', 5, 100)).toBe(1); // one is there again, five are wanted: 0.4 s, told in whole seconds
    expect(allowances.spend('b', 20, 100)).toBe(0);
    expect(allowances.spend('a', 5, 500)).toBe(0); // 0.5 s × 10
  });

  test('takes more than it ever holds when it is full', () => {
    const allowances = new Allowances({ perSecond: 10, atOnce: 20 });
    expect(allowances.spend('a', 500, 0)).toBe(0);
    expect(allowances.spend('a', 1, 1_000)).toBeGreaterThan(40); // 480 in debt
  });
});

test.each([
  ['Basic YTpi', { name: 'a', secret: 'b' }],
  ['bearer a:b:c', { name: 'a', secret: 'b:c' }],
  ['Bearer a', null],
  ['Basic !!', null],
  [`Bearer ${'a'.repeat(600)}:b`, null],
  [undefined, null],
])('the header %s means %j', (header, credentials) => {
  expect(credentialsOf(header)).toEqual(credentials);
});
