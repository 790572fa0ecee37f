import { randomUUID } from 'node:crypto';
import { type UsageImportDetail, usageImportsApi } from '#contracts';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { SESSION_COOKIE } from '../../apps/api/src/identity/cookies.js';
import { JOBS } from '../../apps/api/src/jobs/registry.js';
import { grantScope } from '../../apps/api/src/scope/scope.js';
import { closeInterrupted } from '../../apps/api/src/telemetry/imports/close-interrupted.js';
import { findDevices } from '../../apps/api/src/telemetry/imports/imports.queries.js';
import { addressOf, startApi, type TestApi } from '../support/api.js';
import { device, municipality, node, type TestUser, user } from '../support/builders.js';
import { HEADER, lineOf } from '../support/imports.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

async function place() {
  const root = await municipality(api);
  const unit = await node(api, root);
  const person = await user(api, { role: 'technician', node: unit });
  return { root, unit, person, technician: api.as(person) };
}

test('among many devices those of a file are found by tag, id or serial without a look at the others', async () => {
  const { root, unit } = await place();
  const lock = await device(api, unit, { serial: 'SN-88' });
  await api.db.query(
    `insert into device (id, public_id, root_id, owner_node_id, product_id, asset_tag, serial, lifecycle)
    select gen_random_uuid(), 'many-' || n, $1, $2, $3, 'Många ' || n, 'M-' || n, 'in_stock' from generate_series(1, 20000) n`,
    [root.id, unit.id, lock.productId],
  );
  await api.db.query('analyze device');
  const person = { id: randomUUID(), name: 'Tove Tekniker', rootId: root.id };
  const where = { nodeIds: [unit.id], trialIds: [] };
  const scope = grantScope({ permission: 'usage:enter', person, roles: ['technician'], ...where });
  const names = ['sn-88', 'm-7', 'många 8', 'many-9', 'nobody'];
  await api.db.transaction(async (tx) => {
    const found = await findDevices(tx, scope, { rootId: root.id, nodeId: unit.id, names });
    expect(names.map((name) => found.get(name)?.map(({ serial }) => serial))).toEqual([
      ['SN-88'],
      ['M-7'],
      ['M-8'],
      ['M-9'],
      [],
    ]);
    // What this very transaction has read; names that lie side by side in an index are one scan.
    const [read] = await tx.query<{ rows: number; bySerial: boolean }[]>(
      `select (seq_tup_read + idx_tup_fetch)::int as rows,
        pg_stat_get_xact_numscans('device_serial_name'::regclass) > 0 as "bySerial"
      from pg_stat_xact_user_tables where relid = 'device'::regclass`,
    );
    expect(read?.bySerial).toBe(true);
    expect(read?.rows).toBeLessThan(100);
  });
});

describe('an upload that never ended', () => {
  /** Sends a file's first part, and the rest when it is told to. */
  function uploading({ token }: TestUser, nodeId: string, part: string) {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const query = { nodeId, fileName: 'avbruten.csv', reason: 'Loggen förd på papper' };
    const sent = fetch(api.url + addressOf(usageImportsApi.upload.path, { query }), {
      method: 'POST',
      headers: { cookie: `${SESSION_COOKIE}=${token}`, 'content-type': 'text/csv' },
      body: readable,
      duplex: 'half',
    });
    void writer.write(Buffer.from(part));
    const finish = async (rest: string): Promise<UsageImportDetail> => {
      await writer.write(Buffer.from(rest));
      await writer.close();
      return (await (await sent).json()) as UsageImportDetail;
    };
    return { finish };
  }
  const storedLines = async (nodeId: string): Promise<number> => {
    const [row] = await api.db.query<{ count: number }[]>(
      `select count(*)::int as count from usage_import_line l join usage_import i on i.id = l.import_id
      where i.node_id = $1`,
      [nodeId],
    );
    return row?.count ?? 0;
  };
  const lookAfter = (hours: number) =>
    closeInterrupted({}, { db: api.db, now: () => new Date(Date.now() + hours * 3_600_000) });

  test('is told as one that was interrupted, after an hour, and cannot be imported', async () => {
    const { unit, person, technician } = await place();
    const lock = await device(api, unit);
    const lines = Array.from({ length: 600 }, (_, index) => lineOf(lock, index + 5));
    const upload = uploading(person, unit.id, [HEADER, ...lines, ''].join('\n'));
    await vi.waitFor(async () => expect(await storedLines(unit.id)).toBe(500), { timeout: 10_000, interval: 50 });
    const listed = async () => (await technician.call(usageImportsApi.list, { query: {} })).rows;
    await lookAfter(0.9);
    expect(await listed()).toEqual([]);
    await lookAfter(1.1);
    const [found] = await listed();
    expect(found).toMatchObject({ status: 'checked', lines: 500, good: 500, fileName: 'avbruten.csv' });
    expect(found?.fault).toContain('interrupted');
    expect(await technician.call(usageImportsApi.get, { params: { id: found!.id } })).toMatchObject({ sameAs: null });
    const refused = await technician.raw(usageImportsApi.send, { params: { id: found?.id } });
    expect(refused).toMatchObject({ status: 422, body: { code: 'import_unreadable' } });
    // It was only slow: what it says at its end stands.
    const ended = await upload.finish(lineOf(lock, 700));
    expect(ended).toMatchObject({ id: found?.id, status: 'checked', fault: null, good: 601 });
    await lookAfter(2);
    expect(await technician.call(usageImportsApi.get, { params: { id: ended.id } })).toMatchObject({
      fault: null,
      good: 601,
    });
  });

  test('is looked for by itself', () => {
    expect(JOBS['usage_imports.close_interrupted']).toMatchObject({
      run: closeInterrupted,
      timetable: [{ everyMinutes: 5 }],
    });
  });
});
