import { MAX_IMPORT_BYTES, USAGE_FLAGS, type UsageImportDetail, usageImportsApi } from '#contracts';
import type { OrgNodeEntity } from '#database';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { purgeRejects } from '../../apps/api/src/inventory/rejects/purge-rejects.js';
import type { ApiClient, RawAnswer } from '../support/api.js';
import { type ApiWithIngest, inboxLength, startApiWithIngest, usageOf } from '../support/api-with-ingest.js';
import { device, municipality, node, placement, user } from '../support/builders.js';
import { HEADER, lineOf, wall } from '../support/imports.js';

let system: ApiWithIngest;
beforeAll(async () => (system = await startApiWithIngest()));
afterAll(() => system.close());

async function place() {
  const { api } = system;
  const root = await municipality(api);
  const unit = await node(api, root);
  const technician = api.as(await user(api, { role: 'technician', node: unit }));
  return { root, unit, technician };
}

async function lockAt(unit: OrgNodeEntity, given: Parameters<typeof device>[2] = {}) {
  const made = await device(system.api, unit, given);
  await placement(system.api, { device: made, node: unit });
  return made;
}

interface File {
  client: ApiClient;
  nodeId: string;
  fileName?: string;
}

const uploadRaw = (
  { client, nodeId, fileName = 'öppningar.csv' }: File,
  body: string | Uint8Array,
): Promise<RawAnswer> =>
  client.raw(usageImportsApi.upload, {
    query: { nodeId, fileName, reason: 'Loggen förd på papper' },
    body,
    headers: { 'content-type': 'text/csv' },
  });
const upload = async (file: File, body: string | Uint8Array): Promise<UsageImportDetail> => {
  const answer = await uploadRaw(file, body);
  expect({ status: answer.status, body: answer.body }).toMatchObject({ status: 200 });
  return answer.body as UsageImportDetail;
};
const send = (client: ApiClient, { id }: { id: string }) => client.call(usageImportsApi.send, { params: { id } });
const read = (client: ApiClient, { id }: { id: string }) => client.call(usageImportsApi.get, { params: { id } });
const drained = () =>
  vi.waitFor(async () => expect(await inboxLength(system.api)).toBe(0), { timeout: 20_000, interval: 50 });

test('a file is checked first, and counted only when it is imported, marked as entered by hand', async () => {
  const { unit, technician } = await place();
  const lock = await lockAt(unit);
  const file = { client: technician, nodeId: unit.id };
  const checked = await upload(file, [HEADER, lineOf(lock, 5), lineOf(lock, 10), ''].join('\r\n'));
  expect(checked).toMatchObject({
    status: 'checked',
    lines: 2,
    good: 2,
    bad: 0,
    fault: null,
    faults: [],
    sameAs: null,
  });
  expect(await inboxLength(system.api)).toBe(0);
  expect(await send(technician, checked)).toMatchObject({ status: 'sent' });
  await drained();
  expect((await usageOf(system.api, lock)).map(({ flags }) => flags)).toEqual([USAGE_FLAGS.manual, USAGE_FLAGS.manual]);
  expect(await read(technician, checked)).toMatchObject({ taken: 2, refused: 0 });
});

test('the same file twice is told, and changes nothing (rule U1)', async () => {
  const { unit, technician } = await place();
  const lock = await lockAt(unit);
  const text = [HEADER, lineOf(lock, 5), lineOf(lock, 10)].join('\n');
  const file = { client: technician, nodeId: unit.id };
  const first = await upload(file, text);
  await send(technician, first);
  const second = await upload({ ...file, fileName: 'kopia.csv' }, text);
  expect(second.sameAs).toMatchObject({ id: first.id, fileName: 'öppningar.csv' });
  await send(technician, second);
  await send(technician, first);
  await drained();
  expect(await usageOf(system.api, lock)).toHaveLength(2);
});

test('a line that says the same as another counts once, and the check tells', async () => {
  const { unit, technician } = await place();
  const lock = await lockAt(unit);
  const line = lineOf(lock, 5);
  const checked = await upload({ client: technician, nodeId: unit.id }, [HEADER, line, line, line].join('\n'));
  expect(checked).toMatchObject({ good: 3, repeated: 2 });
  await send(technician, checked);
  await drained();
  expect(await usageOf(system.api, lock)).toHaveLength(1);
});

test('devices are named by tag, public id or serial; numbers and times as people write them', async () => {
  const { unit, technician } = await place();
  const lock = await lockAt(unit, { serial: 'SN-77' });
  const at = wall(60).slice(0, 10);
  const text = [
    'Device,Metric,At,Value,Id',
    `${lock.assetTag.toLowerCase()},Öppning,${at} 01:05,1,a`,
    `${lock.publicId},unlock,"${at.replaceAll('-', '')} 01.06","1,0",b`,
    `sn-77,unlock,${at}T01:07:00+01:00,,c`,
  ].join('\n');
  const checked = await upload({ client: technician, nodeId: unit.id }, text);
  expect(checked).toMatchObject({ good: 3, bad: 0 });
  await send(technician, checked);
  await drained();
  expect(await usageOf(system.api, lock)).toHaveLength(3);
});

test('what is wrong is told by line and column, and in a file that is safe to open', async () => {
  const { root, unit, technician } = await place();
  const lock = await lockAt(unit);
  const elsewhere = await lockAt(await node(system.api, root));
  const retired = await lockAt(unit, { lifecycle: 'retired' });
  const text = [
    HEADER,
    lineOf(lock, 5),
    `=cmd|'/c calc'!A1;unlock;${wall(5)};;`,
    `${elsewhere.assetTag};unlock;${wall(5)};;`,
    `${retired.assetTag};unlock;${wall(5)};;`,
    `${lock.assetTag};wash;${wall(5)};;`,
    `${lock.assetTag};unlock;2020-01-01 12:00;;`,
    `${lock.assetTag};unlock;${wall(-600)};;`,
    `${lock.assetTag};unlock;${wall(5).slice(0, 10)};;`,
    `${lock.assetTag};unlock;${wall(5)};perhaps;`,
  ].join('\n');
  const checked = await upload({ client: technician, nodeId: unit.id }, text);
  expect(checked).toMatchObject({ lines: 9, good: 1, bad: 8 });
  expect(checked.faults.map(({ line, column, code }) => [line, column, code])).toEqual([
    [3, 'apparat', 'unknown_device'],
    [4, 'apparat', 'unknown_device'],
    [5, 'apparat', 'device_retired'],
    [6, 'mått', 'unknown_metric'],
    [7, 'tid', 'time_too_old'],
    [8, 'tid', 'time_in_future'],
    [9, 'tid', 'no_time_of_day'],
    [10, 'utfall', 'value_out_of_range'],
  ]);
  const answer = await technician.raw(usageImportsApi.faults, { params: { id: checked.id } });
  expect(answer.headers.get('content-type')).toContain('text/csv');
  expect(answer.headers.get('content-disposition')).toContain('attachment');
  const lines = String(answer.body).trim().split('\r\n');
  expect(lines).toHaveLength(9);
  expect(lines[1]).toMatch(/^3;"apparat";unknown_device;/);
  expect(lines[1]).toContain(`"'=cmd|'/c calc'!A1"`);
});

test('columns that nothing is known of are not read, and named', async () => {
  const { unit, technician } = await place();
  const lock = await lockAt(unit);
  const text = [`${HEADER};Personnummer`, `${lineOf(lock, 5)};19121212-1212`].join('\n');
  const checked = await upload({ client: technician, nodeId: unit.id }, text);
  expect(checked).toMatchObject({ good: 1, ignoredColumns: ['Personnummer'] });
  const rows: object[] = await system.api.db.query('select * from usage_import_line where import_id = $1', [
    checked.id,
  ]);
  expect(JSON.stringify(rows)).not.toContain('1212');
});

describe('a hostile or broken file', () => {
  test.each([
    ['empty', '', 'the file is empty'],
    ['without the columns that are needed', 'a;b\n1;2', 'missing_columns: device, metric, at'],
    ['with a NUL', `${HEADER}\nx;\0`, 'NUL'],
    ['a picture', Uint8Array.from({ length: 4_000 }, (_, index) => (index * 7) % 256), ''],
    ['with a quotation mark that is never closed', `${HEADER}\n"${'x;\n'.repeat(60_000)}`, 'quotation mark'],
    [
      'UTF-8 that turns into something else',
      Buffer.concat([Buffer.from(`${HEADER}\nå;1\n`.repeat(4_000)), Buffer.from([0xe5, 0x3b])]),
      'utf-8',
    ],
  ])('%s is refused with its reason, and cannot be imported', async (_what, body, reason) => {
    const { unit, technician } = await place();
    const checked = await upload({ client: technician, nodeId: unit.id }, body);
    expect(checked.fault).toContain(reason);
    expect(await technician.raw(usageImportsApi.send, { params: { id: checked.id } })).toMatchObject({
      status: 422,
      body: { code: 'import_unreadable' },
    });
  });

  test('of 10 MiB of quotation marks is refused in little time and memory', async () => {
    const { unit, technician } = await place();
    const before = process.memoryUsage().rss;
    const checked = await upload(
      { client: technician, nodeId: unit.id },
      `${HEADER}\n${'"'.repeat(MAX_IMPORT_BYTES - 100)}`,
    );
    expect(checked.fault).not.toBeNull();
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  });

  test('of lines that mean nothing is given up early', async () => {
    const { unit, technician } = await place();
    const checked = await upload({ client: technician, nodeId: unit.id }, `${HEADER}\n${'x;\n'.repeat(200_000)}`);
    expect(checked.fault).toContain('lines are wrong');
    expect(checked.bad).toBeLessThan(6_000);
  });

  test('of more than 10 MiB is refused and leaves nothing', async () => {
    const { unit, technician } = await place();
    const answer = await uploadRaw({ client: technician, nodeId: unit.id }, `${HEADER}\n${'x;\n'.repeat(3_600_000)}`);
    expect(answer).toMatchObject({ status: 413, body: { code: 'payload_too_large' } });
    const rows: object[] = await system.api.db.query('select id from usage_import where node_id = $1', [unit.id]);
    expect(rows).toEqual([]);
  });

  test('saved by an older Excel (Windows-1252) or as Unicode text is read', async () => {
    const { unit, technician } = await place();
    const lock = await lockAt(unit, { assetTag: 'Lås på hörnet' });
    const text = ['Apparat;Mått;Tid', `${lock.assetTag};unlock;${wall(5)}`].join('\r\n');
    for (const bytes of [Buffer.from(text, 'latin1'), Buffer.from(`\ufeff${text.replaceAll(';', '\t')}`, 'utf16le')])
      expect(await upload({ client: technician, nodeId: unit.id }, bytes)).toMatchObject({ good: 1, bad: 0 });
  });
});

test('who may not change a unit’s devices imports nothing for them', async () => {
  const { root, unit } = await place();
  const other = await node(system.api, root);
  const [manager, stranger] = await Promise.all([
    user(system.api, { role: 'manager', node: unit }),
    user(system.api, { role: 'technician', node: other }),
  ]);
  const statusOf = async (person: typeof manager) =>
    (await uploadRaw({ client: system.api.as(person), nodeId: unit.id }, HEADER)).status;
  expect([await statusOf(manager), await statusOf(stranger)]).toEqual([403, 404]);
});

test('lines are kept as long as rejects are, and the import’s own row stays (rule K3)', async () => {
  const { unit, technician } = await place();
  const checked = await upload({ client: technician, nodeId: unit.id }, [HEADER, 'nobody;unlock;x;;'].join('\n'));
  await system.api.db.query(`update usage_import set uploaded_at = now() - interval '15 days' where id = $1`, [
    checked.id,
  ]);
  expect((await purgeRejects(system.api.db.manager)).lines).toBeGreaterThanOrEqual(1);
  expect(await read(technician, checked)).toMatchObject({ bad: 1, faults: [] });
});

test('a file whose lines are no longer kept is not taken for sent', async () => {
  const { unit, technician } = await place();
  const lock = await lockAt(unit);
  const checked = await upload({ client: technician, nodeId: unit.id }, [HEADER, lineOf(lock, 5)].join('\n'));
  await system.api.db.query(`update usage_import set uploaded_at = now() - interval '15 days' where id = $1`, [
    checked.id,
  ]);
  await purgeRejects(system.api.db.manager);
  expect(await technician.raw(usageImportsApi.send, { params: { id: checked.id } })).toMatchObject({
    status: 422,
    body: { code: 'import_empty' },
  });
  expect(await read(technician, checked)).toMatchObject({ status: 'checked', sentAt: null });
});
