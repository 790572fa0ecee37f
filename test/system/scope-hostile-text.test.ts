import type { Endpoint } from '#contracts';
import { AuditEntryEntity } from '#database';
import { hasPermission, ROLES } from '#domain';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { allEndpoints } from '../../apps/api/src/http/openapi.js';
import { startApi, type TestApi } from '../support/api.js';
import { CASES, swapped } from './scope-cases.js';
import { buildWorld, furnish, type World } from './scope-world.js';

let api: TestApi;
let world: World;
beforeAll(async () => {
  api = await startApi();
  world = await buildWorld(api);
});
afterAll(() => api.close());

let last = 0;
/** SQL, HTML, a placeholder and wildcards in at most 40 characters, another each time since some texts must be unique. */
const hostile = (): string => `';drop table x;--<b on=1>"\\%_$1&${(last += 1)};`;

/** What is inside default, nullable and optional. */
function unwrapped(schema: z.ZodType): z.ZodType {
  const wraps = schema instanceof z.ZodDefault || schema instanceof z.ZodNullable || schema instanceof z.ZodOptional;
  return wraps ? unwrapped(schema.unwrap() as z.ZodType) : schema;
}

/** Free text: a string that neither a format nor a pattern narrows. */
const isText = (schema: z.ZodType): boolean =>
  schema instanceof z.ZodString &&
  !('format' in schema._zod.def) &&
  !JSON.stringify(schema._zod.def.checks ?? []).includes('"regex"');

/** The paths of the free texts in a body, `grant.reason`; lists apart. */
function textPaths(schema: z.ZodType | undefined, path: string[] = []): string[] {
  if (!schema) return [];
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodObject) {
    return Object.entries(inner.shape as Record<string, z.ZodType>).flatMap(([name, part]) =>
      textPaths(part, [...path, name]),
    );
  }
  return isText(inner) ? [path.join('.')] : [];
}

const endpointsOf = (part: 'body' | 'query') =>
  allEndpoints().flatMap(({ name, endpoint }) =>
    name in CASES ? textPaths(endpoint[part]).map((path) => ({ name, endpoint, path: `${part}.${path}` })) : [],
  );
/** What is looked for, in a query or a filter, is compared and not kept; an upload's query is kept like a body. */
const isSearch = ({ endpoint, path }: { endpoint: Endpoint; path: string }): boolean =>
  path.startsWith('body.filter.') || (path.startsWith('query.') && endpoint.method === 'GET');
const allPaths = [...endpointsOf('body'), ...endpointsOf('query')];
const keptTexts = allPaths.filter((one) => !isSearch(one));
const searchedTexts = allPaths.filter(isSearch);

const roleFor = ({ access }: Endpoint) =>
  ROLES.find((role) => access !== 'public' && access !== 'authenticated' && hasPermission(role, access)) ?? 'admin';

async function send(name: string, endpoint: Endpoint, [path, value]: [string, string]) {
  const place = await furnish(api, world.inside.root, world.inside.unit);
  const parts = swapped(CASES[name]?.parts(place) ?? {}, path, value);
  return api.as(world.by[roleFor(endpoint)]).raw(endpoint, parts);
}

/** How many things an answer holds, whatever its form: a page of rows, a list, or what was done. */
function countFound(body: unknown): number {
  if (Array.isArray(body)) return body.length;
  const { rows, ...counts } = body as { rows?: unknown[] };
  return (
    (rows?.length ?? 0) + Object.values(counts).reduce<number>((sum, n) => sum + (typeof n === 'number' ? n : 0), 0)
  );
}

async function isLogged(value: string): Promise<boolean> {
  const entries = api.db.manager.createQueryBuilder(AuditEntryEntity, 'e');
  return entries
    .where(
      `e.reason = :value or e.changes::text like '%' || replace(to_json(:value::text)::text, '\\', '\\\\') || '%'`,
      { value },
    )
    .getExists();
}

describe('SQL and HTML in a text are text', () => {
  test('in every free text of every body', () => {
    const paths = endpointsOf('body').map(({ name, path }) => `${name} ${path}`);
    expect(paths).toEqual(
      expect.arrayContaining(['organisation.add body.name', 'organisation.edit body.name', 'users.invite body.name']),
    );
    expect(paths.length).toBeGreaterThan(15);
  });

  test.each(keptTexts)(
    '$name $path is taken and given back as it was, or refused',
    async ({ name, endpoint, path }) => {
      const value = hostile();
      const { status, headers, body } = await send(name, endpoint, [path, value]);
      expect([200, 204, 400, 422]).toContain(status);
      expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      if (status === 200)
        expect(JSON.stringify(body).includes(JSON.stringify(value).slice(1, -1)) || (await isLogged(value))).toBe(true);
    },
  );

  test.each(searchedTexts)('$name $path is no pattern and no SQL', async ({ name, endpoint, path }) => {
    expect((await send(name, endpoint, [path, hostile()])).status).toBe(200);
    expect(countFound((await send(name, endpoint, [path, '%_%'])).body)).toBe(0);
  });

  test.each(endpointsOf('body'))('$name $path refuses control characters', async ({ name, endpoint, path }) => {
    for (const value of ['with a NUL \u0000 in it', 'with an escape \u001b[31m in it']) {
      const { status, body } = await send(name, endpoint, [path, value]);
      expect([400, 422]).toContain(status); // 422 where it must be one of the domain's words
      if (status === 400) expect(body).toMatchObject({ errors: [{ path }] });
    }
  });
});
