import type { Endpoint } from '#contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { allEndpoints } from './openapi.js';

/**
 * Bodies that a handler reads itself (`takes` in the contract): JSON as the bytes that came, so that what is wrong with
 * them can be told and kept; CSV as the stream, which is never whole in memory. Every other body is parsed as JSON.
 */
export function passRawBodies(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  const isRaw = routesTaking('application/json');
  server.removeContentTypeParser('application/json');
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (isRaw(request)) done(null, body);
    else void parse(request, body.toString(), done);
  });
  const takesCsv = routesTaking('text/csv');
  server.addContentTypeParser('text/csv', (request, stream, done) => {
    if (takesCsv(request)) done(null, stream);
    else done(Object.assign(new Error('This route takes JSON.'), { statusCode: 415, code: 'UNSUPPORTED_MEDIA_TYPE' }));
  });
}

function routesTaking(type: NonNullable<Endpoint['takes']>): (request: FastifyRequest) => boolean {
  const raw = allEndpoints().filter(({ endpoint }) => endpoint.takes === type);
  const routes = new Set(raw.map(({ endpoint }) => `${endpoint.method} ${endpoint.path}`));
  return ({ method, routeOptions }) => routes.has(`${method} ${routeOptions.url ?? ''}`);
}
