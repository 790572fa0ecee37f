import { allEndpoints } from '../../apps/api/src/http/openapi.js';
import { OPEN_ROUTES, refuseUndeclaredRoutes } from '../../apps/api/src/http/declared-routes.js';
import { randomUUID } from 'node:crypto';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startApi, type TestApi } from '../support/api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const endpoints = allEndpoints();

describe('each endpoint of the contracts', () => {
  test.each(endpoints)('$name has a route', ({ endpoint }) => {
    const server = api.app.getHttpAdapter().getInstance();
    expect(server.hasRoute({ method: endpoint.method, url: endpoint.path })).toBe(true);
  });

  test.each(endpoints)('$name declares the parameters of its path, no more and no fewer', ({ endpoint }) => {
    const inPath = [...endpoint.path.matchAll(/:(\w+)/g)].map(([, name]) => name);
    const declared = endpoint.params instanceof z.ZodObject ? Object.keys(endpoint.params.shape) : [];
    expect(declared.sort()).toEqual(inPath.sort());
  });

  test('has a method and path of its own', () => {
    const routes = endpoints.map(({ endpoint }) => `${endpoint.method} ${endpoint.path.replaceAll(/:\w+/g, ':')}`);
    expect(new Set(routes).size).toBe(routes.length);
  });

  test('asks for a permission but these, which are open on purpose', () => {
    const open = endpoints.filter(({ endpoint }) => endpoint.access === 'public').map(({ name }) => name);
    const links = ['identity.link', 'identity.setUp', 'identity.acceptInvitation', 'identity.resetPassword'];
    // A device’s own secret is asked for where its message is taken.
    const telemetry = ['telemetry.usage', 'telemetry.state', 'telemetry.health'];
    expect(open.sort()).toEqual(
      [...links, ...telemetry, 'identity.logIn', 'health.live', 'health.ready', 'documents.asyncApi'].sort(),
    );
    expect(OPEN_ROUTES).toEqual(['GET /api/openapi.json', 'GET /*']);
  });

  test.each(endpoints.filter(({ endpoint }) => endpoint.access !== 'public'))(
    '$name answers 401 to nobody',
    async ({ endpoint }) => {
      const params = Object.fromEntries(
        [...endpoint.path.matchAll(/:(\w+)/g)].map(([, name = '']) => [name, randomUUID()]),
      );
      expect(await api.raw(endpoint, { params })).toMatchObject({ status: 401, body: { code: 'not_logged_in' } });
    },
  );
});

describe('a route that no endpoint declares', () => {
  test('does not let the server start', () => {
    const server = new FastifyAdapter().getInstance();
    refuseUndeclaredRoutes(server);
    expect(() => server.get('/api/back-door', () => 'open')).toThrow(
      'GET /api/back-door is no endpoint of the contracts.',
    );
    expect(() => server.get('/api/trials/:id', () => 'declared')).not.toThrow();
  });

  test.each(['GET', 'POST'])('answers 404 in JSON to %s, logged in or not', async (method) => {
    const answer = await fetch(`${api.url}/api/nowhere`, { method, headers: { accept: 'text/html' } });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ statusCode: 404, code: 'not_found' });
  });
});

describe('a request that is no request', () => {
  const post = (body: string, type = 'application/json') =>
    fetch(`${api.url}/api/session`, { method: 'POST', body, headers: { 'content-type': type } });

  test.each([
    ['malformed JSON', () => post('{"email":'), 400],
    ['a form', () => post('email=a', 'application/x-www-form-urlencoded'), 415],
    ['more than one megabyte', () => post(JSON.stringify({ email: 'x'.repeat(1_100_000) })), 413],
    ['a list where an object belongs', () => post('[]'), 400],
  ])('%s is refused in JSON, without a word about the server', async (_what, send, status) => {
    const answer = await send();
    expect(answer.status).toBe(status);
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({ statusCode: status });
    expect(text).not.toMatch(/node_modules|at .*\.(ts|js):\d/);
  });

  test('names every field that is wrong by its path', async () => {
    const answer = await post(JSON.stringify({ email: 'no address', password: '' }));
    const { errors } = (await answer.json()) as { errors: { path: string }[] };
    expect(errors.map(({ path }) => path)).toEqual(['body.email', 'body.password']);
  });
});
