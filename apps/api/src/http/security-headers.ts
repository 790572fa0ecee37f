import type { FastifyHelmetOptions } from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.js';

/** Nothing is fetched from anywhere else: scripts, styles, fonts and sockets come from this server alone. */
const CONTENT_SECURITY = {
  defaultSrc: ["'self'"],
  scriptSrc: ["'self'"],
  // Mantine writes its theme and computed sizes into style elements and attributes.
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
};

/** What the browser is told to refuse. HSTS only where people come by https. */
export const helmetOptions = ({ publicUrl }: Pick<Config, 'publicUrl'>): FastifyHelmetOptions => ({
  contentSecurityPolicy: { useDefaults: false, directives: CONTENT_SECURITY },
  hsts: publicUrl.startsWith('https:'),
});

/** The camera reads asset tags. What the API answers stays out of every cache: care units share computers. */
export function addOwnHeaders(server: FastifyInstance): void {
  server.addHook('onRequest', async (request, reply) => {
    void reply.header('permissions-policy', 'camera=(self), microphone=(), geolocation=()');
    if (request.url.startsWith('/api/')) void reply.header('cache-control', 'no-store');
  });
}
