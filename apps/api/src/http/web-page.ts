import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';

const PAGE = 'index.html';

/**
 * Serves the built page: its files with the brotli or gzip twin that lies beside them, and for every other path that a
 * browser navigates to the page itself, which has routes of its own. Files are listed once: no path from outside ever
 * reaches the disk. Without a build nothing is served, and `/api/health/ready` says so.
 */
export async function serveWebPage(app: NestFastifyApplication, webDir: string): Promise<void> {
  if (!existsSync(join(webDir, PAGE))) return;
  const files = new Set(
    readdirSync(webDir, { recursive: true, encoding: 'utf8' }).map((file) => file.replaceAll('\\', '/')),
  );
  await app.register(fastifyStatic, { root: webDir, serve: false, preCompressed: true, cacheControl: false });
  app
    .getHttpAdapter()
    .getInstance()
    .get('/*', (request, reply) => answer(request, reply, files));
}

function answer(request: FastifyRequest, reply: FastifyReply, files: ReadonlySet<string>): unknown {
  const path = new URL(request.url, 'http://localhost').pathname.slice(1);
  if (path !== PAGE && files.has(path) && path.includes('.')) return sendFile(reply, path);
  if (path.startsWith('api/') || !wantsPage(request)) return reply.callNotFound();
  return sendFile(reply, PAGE);
}

/** Names in assets/ carry the hash of their content, so that a browser never asks for one twice. */
function sendFile(reply: FastifyReply, path: string): FastifyReply {
  const lasting = path.startsWith('assets/');
  return reply
    .header('cache-control', lasting ? 'public, max-age=31536000, immutable' : 'no-cache')
    .header('vary', 'accept-encoding')
    .sendFile(path);
}

const wantsPage = ({ headers }: FastifyRequest): boolean => (headers.accept ?? '').includes('text/html');
