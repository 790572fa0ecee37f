import { auditApi, MAX_REPLAYS, rejectsApi, upwardTopic, usageEntriesApi } from '#contracts';
import { ProductEntity } from '#database';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ApiClient } from '../support/api.js';
import { type ApiWithIngest, inboxLength, startApiWithIngest, usageOf } from '../support/api-with-ingest.js';
import { device, node, placement, type TestDevice, user } from '../support/builders.js';
import { connect, publish } from '../support/mqtt.js';
import { placedLock, rejectsOf, sayUsage, session } from '../support/rejects.js';

let system: ApiWithIngest;
beforeAll(async () => (system = await startApiWithIngest()));
afterAll(() => system.close());

const place = () => placedLock(system.api);
const say = (device: TestDevice, content: unknown) => sayUsage(system, device, content);
const replay = (client: ApiClient, rows: readonly { id: number }[], more: object = {}) =>
  client.call(rejectsApi.replay, { body: { ids: rows.map(({ id }) => id), reason: 'Produkten är rättad', ...more } });
const drained = () =>
  vi.waitFor(async () => expect(await inboxLength(system.api)).toBe(0), { timeout: 15_000, interval: 50 });
/** The cause is mended: the product was registered under the wrong family. */
const mend = (kind: ProductEntity, family: ProductEntity['family']) =>
  system.api.db.transaction(async (tx) => {
    await tx.update(ProductEntity, { id: kind.id }, { family });
    await tx.query('update device set public_id = public_id where product_id = $1', [kind.id]);
  });

describe('replay after the cause is mended', () => {
  test('takes what was refused, at its own time, and the reject says so', async () => {
    const { kind, lock, technician } = await place();
    const usage = session('a', 5);
    await say(lock, usage);
    const [refused] = await rejectsOf(technician);
    expect(refused).toMatchObject({ code: 'unknown_metric', replay: null, replayFault: null });
    await mend(kind, 'sleep_robot');
    expect(await replay(technician, [refused!])).toEqual({ queued: 1, skipped: [], left: 0 });
    await drained();
    expect(await usageOf(system.api, lock)).toMatchObject([{ at: new Date(usage.at), value: 30, flags: 0 }]);
    const [taken] = await rejectsOf(technician);
    expect(taken).toMatchObject({ replay: { outcome: 'taken', by: 'Tove Tekniker' }, replayFault: 'taken_already' });
    expect(await technician.call(rejectsApi.get, { params: { id: refused!.id } })).toEqual(taken);
  });

  test('of an array takes the refused element alone', async () => {
    const { kind, lock, technician } = await place();
    const good = { id: 'g', metric: 'unlock', at: Date.now() - 60_000 };
    await say(lock, [good, session('a', 5), { metric: 7 }]);
    const refused = await rejectsOf(technician, { code: 'unknown_metric' });
    expect(refused).toMatchObject([{ element: 1 }]);
    await mend(kind, 'sleep_robot');
    await replay(technician, refused);
    await drained();
    expect(await usageOf(system.api, lock)).toMatchObject([{ value: 30 }, { value: 1 }]);
    expect(await rejectsOf(technician)).toHaveLength(2);
  });

  test('that comes too early is still refused, with the new reason and without a second reject', async () => {
    const { lock, technician } = await place();
    await say(lock, session('a', 5));
    const refused = await rejectsOf(technician);
    await replay(technician, refused);
    await drained();
    expect(await rejectsOf(technician)).toMatchObject([
      { replay: { outcome: 'refused', code: 'unknown_metric' }, replayFault: null },
    ]);
    const [counted] = await system.api.db.query<object[]>(
      'select sum(count)::int as count from rejected_count where device_key = $1',
      [lock.key],
    );
    expect(counted).toEqual({ count: 1 });
  });

  test('twice, and twice at once, gives nothing new', async () => {
    const { kind, lock, technician } = await place();
    // Neither id nor time: only the reject itself names the usage (rule U1).
    await say(lock, { metric: 'session', value: 30 });
    const refused = await rejectsOf(technician);
    await mend(kind, 'sleep_robot');
    const both = await Promise.all([replay(technician, refused), replay(technician, refused)]);
    expect(both.map(({ queued }) => queued).sort()).toEqual([0, 1]);
    await drained();
    expect(await replay(technician, refused)).toEqual({
      queued: 0,
      skipped: [{ fault: 'taken_already', count: 1 }],
      left: 0,
    });
    expect(await usageOf(system.api, lock)).toHaveLength(1);
  });

  test('may put a wrong clock right by an offset, which is logged (rule U5)', async () => {
    const { root, lock, technician } = await place();
    const at = Date.now() + 2 * 3_600_000;
    await say(lock, { id: 'a', metric: 'unlock', at });
    const refused = await rejectsOf(technician, { code: 'time_in_future' });
    await replay(technician, refused, { offsetMinutes: -120, reason: 'Klockan gick två timmar före' });
    await drained();
    expect(await usageOf(system.api, lock)).toMatchObject([{ at: new Date(at - 2 * 3_600_000) }]);
    expect(await rejectsOf(technician)).toMatchObject([{ replay: { outcome: 'taken', offsetMinutes: -120 } }]);
    const auditor = system.api.as(await user(system.api, { role: 'auditor', node: root }));
    const { rows } = await auditor.call(auditApi.list, { query: { subjectKind: 'reject' } });
    expect(rows).toMatchObject([
      { action: 'reject.replay', reason: 'Klockan gick två timmar före', changes: { offsetMinutes: -120 } },
    ]);
  });

  test('of a state puts its time right too', async () => {
    const { lock, technician } = await place();
    const client = await connect({ ...lock, port: system.ingest.port });
    const at = Date.now() + 2 * 3_600_000;
    await publish(client, upwardTopic(lock.publicId, 'state'), { state: 'sleeping', at });
    await client.endAsync();
    await replay(technician, await rejectsOf(technician), { offsetMinutes: -120 });
    await drained();
    const [row] = await system.api.db.query<{ state: string; state_at: Date }[]>(
      'select state, state_at from device_signal where device_key = $1',
      [lock.key],
    );
    expect(row).toEqual({ state: 'sleeping', state_at: new Date(at - 2 * 3_600_000) });
  });

  test('is a use of the device, not of a person', async () => {
    const { kind, lock, technician } = await place();
    await say(lock, session('a', 5));
    await mend(kind, 'sleep_robot');
    await replay(technician, await rejectsOf(technician));
    await drained();
    const { share } = await technician.call(usageEntriesApi.list, { params: { id: lock.id }, query: {} });
    expect(share).toMatchObject({ manual: 0, usages: 1 });
  });
});

test('all of a filter are replayed, at most 1,000 at a time', async () => {
  const { kind, lock, technician } = await place();
  await system.api.db.query(
    `insert into rejected_message (received_at, device_key, client_name, topic, code, reason, payload, payload_bytes)
    select now() - interval '1 hour', $1, 'x', $2, 'unknown_metric', 'none', p, octet_length(p)
    from generate_series(1, 1200) as n, lateral (select convert_to(json_build_object(
      'id', n::text, 'metric', 'session', 'value', 30, 'at', $3::bigint - n * 1000)::text, 'UTF8') as p) made`,
    [lock.key, upwardTopic(lock.publicId, 'usage'), Date.now() - 3_700_000],
  );
  await mend(kind, 'sleep_robot');
  const body = { filter: { deviceId: lock.id, code: 'unknown_metric' }, reason: 'Produkten är rättad' };
  expect(await technician.call(rejectsApi.replay, { body })).toEqual({ queued: MAX_REPLAYS, skipped: [], left: 200 });
  expect(await technician.call(rejectsApi.replay, { body })).toEqual({ queued: 200, skipped: [], left: 0 });
  expect(await technician.call(rejectsApi.replay, { body })).toEqual({ queued: 0, skipped: [], left: 0 });
  await drained();
  expect(await usageOf(system.api, lock)).toHaveLength(1_200);
  expect((await technician.call(rejectsApi.list, { query: { outcome: 'taken' } })).total).toBe(1_200);
});

describe('what cannot be replayed says why', () => {
  async function insert(lock: TestDevice, given: { payload: Buffer | null; bytes?: number; element?: number }) {
    const { payload, bytes = payload?.length ?? 0, element = null } = given;
    const [row] = await system.api.db.query<{ id: number }[]>(
      `insert into rejected_message (received_at, device_key, client_name, topic, code, reason, element, payload, payload_bytes)
      values (now(), $1, 'x', $2, 'schema', 'x', $3, $4, $5) returning id`,
      [lock.key, upwardTopic(lock.publicId, 'usage'), element, payload, bytes],
    );
    return row!;
  }

  test.each([
    ['without a payload (rule K3)', { payload: null, bytes: 12 }, 'no_payload'],
    ['whose message was cut', { payload: Buffer.from('{"id":'), bytes: 9_000 }, 'payload_cut'],
  ])('one %s', async (_what, given, fault) => {
    const { lock, technician } = await place();
    const row = await insert(lock, given);
    expect(await rejectsOf(technician)).toMatchObject([{ replayFault: fault }]);
    expect(await replay(technician, [row])).toEqual({ queued: 0, skipped: [{ fault, count: 1 }], left: 0 });
  });

  test('an element of a cut message goes as long as it is whole', async () => {
    const { lock, technician } = await place();
    const at = Date.now() - 60_000;
    const text = `[{"id":"a","metric":"unlock","at":${at}},{"id":"b","metric":"unl`;
    const rows = [0, 1].map((element) => insert(lock, { payload: Buffer.from(text), bytes: 9_000, element }));
    const answer = await replay(technician, await Promise.all(rows));
    expect(answer).toEqual({ queued: 1, skipped: [{ fault: 'payload_cut', count: 1 }], left: 0 });
    await drained();
    expect(await usageOf(system.api, lock)).toHaveLength(1);
  });

  test('another unit’s is not yours, and neither is one of a device that only stands with you', async () => {
    const { root, unit, technician } = await place();
    const other = await node(system.api, root);
    const [foreign, guest] = [await device(system.api, other), await device(system.api, other)];
    await placement(system.api, { device: guest, node: unit });
    const rows = [
      await insert(foreign, { payload: Buffer.from('{}') }),
      await insert(guest, { payload: Buffer.from('{}') }),
    ];
    expect(await replay(technician, rows)).toEqual({ queued: 0, skipped: [{ fault: 'not_yours', count: 2 }], left: 0 });
    for (const role of ['auditor', 'it_security', 'admin', 'manager'] as const) {
      const reader = system.api.as(await user(system.api, { role, node: root }));
      const answer = await reader.raw(rejectsApi.replay, { body: { ids: [1], reason: 'x' } });
      expect(answer.status).toBe(403);
    }
  });
});
