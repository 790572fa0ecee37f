import { auditApi, organisationApi } from '#contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from '../support/api.js';
import * as build from '../support/builders.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

/** A municipality with two areas, a unit in each and an administrator of all of it. */
async function town() {
  const root = await build.municipality(api, { name: 'Staden' });
  const [west, east] = [
    await build.node(api, root, { kind: 'service_area', name: 'Väst' }),
    await build.node(api, root, { kind: 'service_area', name: 'Öst' }),
  ];
  const unit = await build.node(api, west, { name: 'Enhet A' });
  const other = await build.node(api, east, { name: 'Enhet B' });
  return { root, west, east, unit, other, admin: await build.user(api, { role: 'admin', node: root }) };
}
const names = (nodes: { name: string }[]): string[] => nodes.map(({ name }) => name);
const list = async (who: build.TestUser, asOf?: string) =>
  names(await api.as(who).call(organisationApi.list, { query: asOf === undefined ? {} : { asOf } }));

describe('the tree', () => {
  test('shows one’s nodes and the way to them, parents first, in Swedish order', async () => {
    const { unit, admin } = await town();
    const staff = await build.user(api, { role: 'staff', node: unit });
    expect(await list(staff)).toEqual(['Staden', 'Väst', 'Enhet A']);
    expect(await list(admin)).toEqual(['Staden', 'Väst', 'Öst', 'Enhet A', 'Enhet B']);
  });

  test('shows a trial’s units to who has a role on the trial alone', async () => {
    const { unit, other } = await town();
    const trial = await build.trial(api, unit, { participating: [other] });
    const lead = await build.user(api, { role: 'project_lead', trial });
    expect(await list(lead)).toEqual(['Staden', 'Väst', 'Öst', 'Enhet A', 'Enhet B']);
    const alone = await build.user(api, { role: 'project_lead', trial: await build.trial(api, unit) });
    expect(await list(alone)).toEqual(['Staden', 'Väst', 'Enhet A']);
  });

  test('is told as of a date (rule D6)', async () => {
    const { west, admin } = await town();
    await build.node(api, west, { name: 'Stängd', validTo: '2024-01-01' });
    expect(await list(admin, '2023-12-31')).toContain('Stängd');
    expect(await list(admin, '2024-01-01')).not.toContain('Stängd');
    expect(await list(admin)).toContain('Stängd');
  });
});

describe('adding a node', () => {
  const add = (who: build.TestUser, body: object) => api.as(who).raw(organisationApi.add, { body });
  const unitBelow = (parentId: string) => ({ parentId, kind: 'unit', name: 'Ny enhet', validFrom: '2026-01-01' });

  test('puts it below its parent, in reach of those who reach the parent', async () => {
    const { root, west, admin } = await town();
    const manager = await build.user(api, { role: 'manager', node: west });
    const node = await api.as(admin).call(organisationApi.add, { body: { ...unitBelow(west.id), kind: 'unit' } });
    expect(node).toMatchObject({
      rootId: root.id,
      parentId: west.id,
      path: [root.id, west.id, node.id],
      timeZone: null,
    });
    expect(await list(manager)).toContain('Ny enhet');
  });

  test.each([
    ['a department below a service area', { kind: 'department' }, 'child_kind_not_allowed'],
    ['an end before its start', { validTo: '2025-12-31' }, 'validity_reversed'],
    ['a start before its parent’s', { validFrom: '2019-12-31' }, 'validity_outside_parent'],
  ])('refuses %s', async (_what, wrong, code) => {
    const { west, admin } = await town();
    expect(await add(admin, { ...unitBelow(west.id), ...wrong })).toMatchObject({ status: 422, body: { code } });
  });

  test('answers 409 to a name that its parent already holds', async () => {
    const { west, admin } = await town();
    expect((await add(admin, { ...unitBelow(west.id), name: 'enhet a' })).status).toBe(409);
  });

  test('outside one’s part of the tree is not found', async () => {
    const { west, east } = await town();
    const westAdmin = await build.user(api, { role: 'admin', node: west });
    expect((await add(westAdmin, unitBelow(east.id))).status).toBe(404);
    expect((await add(westAdmin, unitBelow(west.id))).status).toBe(200);
  });
});

describe('changing a node', () => {
  const edit = (who: build.TestUser, id: string, body: object) =>
    api.as(who).raw(organisationApi.edit, { params: { id }, body });
  const inUse = { status: 422, body: { code: 'node_in_use' } };

  test('renames it and writes the change to the log', async () => {
    const { unit, admin } = await town();
    expect((await edit(admin, unit.id, { name: 'Nytt namn' })).body).toMatchObject({
      name: 'Nytt namn',
      validTo: null,
    });
    const { rows } = await api.as(admin).call(auditApi.list, { query: { subjectKind: 'node', subjectId: unit.id } });
    expect(rows).toMatchObject([{ action: 'node.edit', actorName: admin.name, changes: { name: 'Nytt namn' } }]);
  });

  test('closes it from a date and opens it again', async () => {
    const { unit, admin } = await town();
    expect((await edit(admin, unit.id, { validTo: '2030-01-01' })).body).toMatchObject({ validTo: '2030-01-01' });
    expect((await edit(admin, unit.id, { validTo: null })).body).toMatchObject({ validTo: null });
  });

  test('a role on it ends with the node', async () => {
    const { unit, admin } = await town();
    const manager = await build.user(api, { role: 'manager', node: unit });
    await edit(admin, unit.id, { validTo: '2024-01-01' });
    expect((await api.as(manager).raw(organisationApi.list, { query: {} })).status).toBe(403);
  });

  test('does not close it over open children', async () => {
    const { west, unit, admin } = await town();
    expect(await edit(admin, west.id, { validTo: '2030-01-01' })).toMatchObject(inUse);
    await edit(admin, unit.id, { validTo: '2029-01-01' });
    expect((await edit(admin, west.id, { validTo: '2030-01-01' })).status).toBe(200);
  });

  test('does not close it over a placement that goes on by the municipality’s own midnight', async () => {
    const { unit, admin } = await town();
    const device = await build.device(api, unit);
    // Midnight of 1 January in Stockholm is 23:00 the day before in UTC.
    await build.placement(api, { device, node: unit }, { endsAt: new Date('2029-12-31T23:30:00Z') });
    expect(await edit(admin, unit.id, { validTo: '2030-01-01' })).toMatchObject(inUse);
    expect((await edit(admin, unit.id, { validTo: '2030-01-02' })).status).toBe(200);
  });

  test('never closes a municipality', async () => {
    const root = await build.municipality(api);
    const admin = await build.user(api, { role: 'admin', node: root });
    expect(await edit(admin, root.id, { validTo: '2030-01-01' })).toMatchObject(inUse);
    expect((await edit(admin, root.id, { name: 'Annat namn' })).status).toBe(200);
  });

  test('does not open it under a closed parent', async () => {
    const { west, unit, admin } = await town();
    await edit(admin, unit.id, { validTo: '2029-01-01' });
    await edit(admin, west.id, { validTo: '2030-01-01' });
    expect(await edit(admin, unit.id, { validTo: null })).toMatchObject({ body: { code: 'validity_outside_parent' } });
  });
});
