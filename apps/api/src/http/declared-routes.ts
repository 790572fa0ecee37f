import type { FastifyInstance } from 'fastify';
import { allEndpoints } from './openapi.js';

/** Routes that no endpoint declares, open to everybody on purpose: the API's own description, and the built page. */
export const OPEN_ROUTES = ['GET /api/openapi.json', 'GET /*'];

/**
 * Refuses to start with a route that nobody has declared: a handler on the server itself would pass by the guard, and
 * by the tests that are generated from the endpoints.
 */
export function refuseUndeclaredRoutes(server: FastifyInstance): void {
  const declared = new Set(allEndpoints().map(({ endpoint }) => `${endpoint.method} ${endpoint.path}`));
  server.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) {
      const route = `${one === 'HEAD' ? 'GET' : one} ${url}`;
      if (!declared.has(route) && !OPEN_ROUTES.includes(route))
        throw new Error(`${route} is no endpoint of the contracts.`);
    }
  });
}
