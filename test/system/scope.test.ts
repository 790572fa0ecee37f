import { randomUUID } from 'node:crypto';
import type { Endpoint } from '#contracts';
import { trialsApi } from '#contracts';
import { hasPermission, type Permission, type Role, ROLES } from '#domain';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allEndpoints } from '../../apps/api/src/http/openapi.js';
import { startApi, type TestApi } from '../support/api.js';
import * as build from '../support/builders.js';
import { CASES, type Case, idsIn, swapped } from './scope-cases.js';
import { buildWorld, furnish, type Place, type World } from './scope-world.js';

/**
 * Structural rule 7, generated: every endpoint that asks for a permission × every role × what lies inside the role's
 * node, beside it and in another municipality. Expected from the permission table alone.
 */
let api: TestApi;
let world: World;
beforeAll(async () => {
  api = await startApi();
  world = await buildWorld(api);
});
afterAll(() => api.close());

type Where = 'inside' | 'outside' | 'foreign';
const WHERE: Where[] = ['inside', 'outside', 'foreign'];

interface Guarded {
  name: string;
  endpoint: Endpoint;
  permission: Permission;
}
const guarded: Guarded[] = allEndpoints().flatMap(({ name, endpoint }) =>
  endpoint.access === 'public' || endpoint.access === 'authenticated'
    ? []
    : [{ name, endpoint, permission: endpoint.access }],
);
const caseOf = (name: string): Case => CASES[name] ?? { parts: () => ({}) };
const rolesWith = (permission: Permission): Role[] => ROLES.filter((role) => hasPermission(role, permission));

/** Whether an endpoint names anything at all, told by its own schemas. */
const namesSomething = (name: string): boolean => idsIn(caseOf(name).parts(SHAPE)).length > 0;
/** A place of ids only, to see where requests hold them before there is a world. */
const SHAPE = new Proxy({}, { get: () => ({ id: '00000000-0000-4000-8000-000000000000' }) }) as Place;

function expected({ name, permission }: Guarded, role: Role, where: Where): 403 | 404 | 200 {
  if (!hasPermission(role, permission)) return 403;
  if (where === 'inside') return 200;
  const own = idsIn(caseOf(name).parts(SHAPE)).filter(({ path }) => !(path in (caseOf(name).municipal ?? {})));
  return where === 'outside' && own.length === 0 ? 200 : 404;
}

const matrix = guarded.flatMap((one) =>
  ROLES.flatMap((role) =>
    (namesSomething(one.name) ? WHERE : (['inside'] as const)).map((where) => ({
      ...one,
      role,
      where,
      status: expected(one, role, where),
    })),
  ),
);

test('every endpoint that asks for a permission has a case', () => {
  expect(Object.keys(CASES).sort()).toEqual(guarded.map(({ name }) => name).sort());
});

describe('by the permission table', () => {
  test.each(matrix)('$name of $where by $role: $status', async ({ name, endpoint, role, where, status }) => {
    const spent = endpoint.method !== 'GET' && status === 200;
    const place = spent ? await furnish(api, world[where].root, world[where].unit) : world[where];
    const answer = await api.as(world.by[role]).raw(endpoint, caseOf(name).parts(place));
    expect({ status: answer.status, body: answer.status === status ? undefined : answer.body }).toEqual({
      status,
      body: undefined,
    });
  });
});

describe('with one id swapped for another’s', () => {
  const several = guarded.filter(({ name }) => namesSomething(name));

  test.each(several)('$name answers as if there were no such thing', async ({ name, endpoint, permission }) => {
    const [role = 'admin'] = rolesWith(permission);
    const { parts, municipal = {} } = caseOf(name);
    const own = await furnish(api, world.inside.root, world.inside.unit);
    const ask = async (path: string, id: string) => {
      const { status, body } = await api.as(world.by[role]).raw(endpoint, swapped(parts(own), path, id));
      return { path, status, message: JSON.stringify(body).replaceAll(id, 'it') };
    };
    for (const where of ['outside', 'foreign'] as const) {
      for (const { path, id } of idsIn(parts(world[where]))) {
        if (where === 'outside' && path in municipal) continue;
        const nothing = await ask(path, randomUUID());
        expect([404, ...(path in municipal ? [422] : [])]).toContain(nothing.status);
        expect(await ask(path, id)).toEqual(nothing);
      }
    }
  });
});

describe('a list', () => {
  const lists = guarded.filter(
    ({ name, endpoint }) => endpoint.method === 'GET' && endpoint.params === undefined && name !== 'trials.similar',
  );
  /** What the whole municipality may see. */
  const MUNICIPAL: Record<string, string[]> = { 'products.list': ['product'] };
  const idsOf = (place: Place, except: string[] = []): string[] =>
    Object.entries(place).flatMap(([what, { id }]: [string, { id: string }]) =>
      what === 'root' || except.includes(what) ? [] : [id],
    );

  test.each(lists.flatMap((one) => rolesWith(one.permission).map((role) => ({ ...one, role }))))(
    '$name for $role holds nothing of outside or of another municipality',
    async ({ name, endpoint, role }) => {
      const { body } = await api.as(world.by[role]).raw(endpoint, caseOf(name).parts(world.inside));
      const text = JSON.stringify(body);
      const hidden = [...idsOf(world.outside, MUNICIPAL[name]), ...idsOf(world.foreign), world.foreign.root.id];
      expect(hidden.filter((id) => text.includes(id))).toEqual([]);
    },
  );

  test('of similar trials tells of the municipality’s own, and of no other’s (rule D5)', async () => {
    const { by, outside, foreign } = world;
    for (const product of [{}, { productId: outside.product.id }, { productId: foreign.product.id }]) {
      const query = { family: 'keyless_lock', ...product } as const;
      const ids = (await api.as(by.technician).call(trialsApi.similar, { query })).map(({ id }) => id);
      expect([ids.includes(outside.trial.id), ids.includes(foreign.trial.id)]).toEqual([true, false]);
    }
  });
});

describe('a role on a trial', () => {
  const onTrials = guarded.filter(
    ({ endpoint, permission }) => endpoint.path.includes('trials/:id') && permission !== 'benefit:confirm',
  );

  test.each(onTrials)('$name reaches that trial and no other of the same unit', async ({ name, endpoint }) => {
    const own = await furnish(api, world.inside.root, world.inside.unit);
    const lead = await build.user(api, { role: 'project_lead', trial: own.trial });
    expect((await api.as(lead).raw(endpoint, caseOf(name).parts(world.inside))).status).toBe(404);
    expect((await api.as(lead).raw(endpoint, caseOf(name).parts(own))).status).toBe(200);
  });

  test.each(onTrials)('$name at a participating unit: read, never changed', async ({ name, endpoint, permission }) => {
    const own = await furnish(api, world.outside.root, world.outside.unit);
    const trial = await build.trial(api, world.outside.unit, { participating: [world.inside.unit] });
    const status = permission === 'trial:read' || permission === 'live:read' ? 200 : 404;
    const answer = await api.as(world.by.technician).raw(endpoint, caseOf(name).parts({ ...own, trial }));
    expect(answer.status).toBe(status);
  });
});

test('a role that has ended, or not begun, opens nothing', async () => {
  const { inside } = world;
  for (const times of [{ endsAt: new Date('2021-01-01') }, { startsAt: new Date('2099-01-01') }]) {
    const who = await build.user(api, { node: inside.unit });
    await build.grant(api, { userId: who.id, role: 'technician', node: inside.unit, ...times });
    expect((await api.as(who).raw(trialsApi.get, { params: { id: inside.trial.id } })).status).toBe(403);
  }
});

test('a role above reaches everything below, and one below nothing above', async () => {
  const { inside } = world;
  const above = await build.user(api, { role: 'technician', node: inside.root });
  const below = await build.user(api, { role: 'technician', node: inside.child });
  const get = (who: build.TestUser) => api.as(who).raw(trialsApi.get, { params: { id: inside.trial.id } });
  expect([(await get(above)).status, (await get(below)).status]).toEqual([200, 404]);
});
