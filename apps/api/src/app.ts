import helmet from '@fastify/helmet';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import type { Config } from './config.js';
import { refuseUndeclaredRoutes } from './http/declared-routes.js';
import { createLogger } from './http/logger.js';
import { openApiDocument } from './http/openapi.js';
import { PinoLogger } from './http/pino-logger.js';
import { passRawBodies } from './http/raw-bodies.js';
import { addOwnHeaders, helmetOptions } from './http/security-headers.js';
import { serveWebPage } from './http/web-page.js';
import type { Clock } from './settings.js';

const MAX_BODY_BYTES = 1_048_576;

/** The API as a Nest application, not listening yet. */
export async function createApp(config: Config, clock?: Clock): Promise<NestFastifyApplication> {
  const trustProxy = config.trustedProxies.length > 0 ? config.trustedProxies : false;
  const adapter = new FastifyAdapter({ bodyLimit: MAX_BODY_BYTES, trustProxy });
  refuseUndeclaredRoutes(adapter.getInstance());
  addOwnHeaders(adapter.getInstance());
  adapter.getInstance().removeContentTypeParser('text/plain');
  passRawBodies(adapter.getInstance());
  const logger = new PinoLogger(createLogger(config.logLevel));
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.with(config, clock), adapter, {
    logger,
    abortOnError: false,
    bodyParser: false, // Fastify's own takes JSON; Nest would add forms, which any site's page may send
  });
  await app.register(helmet, helmetOptions(config));
  serveDocument(app);
  if (config.webDir !== null) await serveWebPage(app, config.webDir);
  return app;
}

function serveDocument(app: NestFastifyApplication): void {
  const document = openApiDocument('1');
  app
    .getHttpAdapter()
    .getInstance()
    .get('/api/openapi.json', (_request, reply) => reply.send(document));
}
