import { auditApi, organisationApi } from '#contracts';
import { AuditEntryEntity } from '#database';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApi, type TestApi } from '../support/api.js';
import * as build from '../support/builders.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

/** A municipality whose log holds three entries at given times. */
async function logged() {
  const root = await build.municipality(api);
  const auditor = await build.user(api, { role: 'auditor', node: root });
  const times = ['2026-03-28T22:59:59Z', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'];
  for (const [index, at] of times.entries()) {
    const entry = { rootId: root.id, actorId: null, actorName: 'Någon', subjectKind: 'node', subjectId: `n${index}` };
    await api.db.manager.insert(AuditEntryEntity, { ...entry, action: `step.${index}`, at: new Date(at), changes: {} });
  }
  const actions = async (query: object) =>
    (await api.as(auditor).call(auditApi.list, { query })).rows.map(({ action }) => action);
  return { root, auditor, actions };
}

test('the log is read newest first, in pages', async () => {
  const { auditor, actions } = await logged();
  expect(await actions({})).toEqual(['step.2', 'step.1', 'step.0']);
  const page = await api.as(auditor).call(auditApi.list, { query: { limit: 1, offset: 1 } });
  expect([page.total, page.rows[0]?.action]).toEqual([3, 'step.1']);
});

test('dates are the municipality’s: 29 March 2026 has 23 hours and begins at 23:00 UTC', async () => {
  const { actions } = await logged();
  expect(await actions({ from: '2026-03-29', to: '2026-03-29' })).toEqual(['step.1']);
  expect(await actions({ to: '2026-03-28' })).toEqual(['step.0']);
  expect(await actions({ from: '2026-03-30' })).toEqual(['step.2']);
});

test('is narrowed to a subject or a word', async () => {
  const { actions } = await logged();
  expect(await actions({ subjectKind: 'node', subjectId: 'n1' })).toEqual(['step.1']);
  expect(await actions({ search: 'STEP.2' })).toEqual(['step.2']);
  expect(await actions({ search: '%' })).toEqual([]);
});

test('another municipality’s log is not shown, nor to who reads only a part of it', async () => {
  const { root } = await logged();
  const other = await logged();
  const part = await build.node(api, root);
  const inPart = await build.user(api, { role: 'auditor', node: part });
  expect((await api.as(inPart).call(auditApi.list, { query: {} })).total).toBe(0);
  expect(
    (await api.as(other.auditor).call(auditApi.list, { query: {} })).rows.map(({ subjectId }) => subjectId),
  ).toEqual(['n2', 'n1', 'n0']);
});

test('nobody changes or removes an entry, not even by SQL', async () => {
  await logged();
  for (const statement of [`update audit_log set reason = 'x'`, `delete from audit_log`, `truncate audit_log`]) {
    await expect(api.db.query(statement)).rejects.toThrow(/can only be added/);
  }
});

test('a change that is refused leaves no entry', async () => {
  const { root, auditor } = await logged();
  const admin = await build.user(api, { role: 'admin', node: root });
  await api.as(admin).raw(organisationApi.edit, { params: { id: root.id }, body: { validTo: '2030-01-01' } });
  expect((await api.as(auditor).call(auditApi.list, { query: {} })).total).toBe(3);
});
