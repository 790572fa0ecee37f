import { Readable } from 'node:stream';
import { type RequestOf, type ResponseOf, usageImportsApi } from '#contracts';
import { Controller, StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type ApiRequest, type CallerOf, Route } from '../../http/route.js';
import { ImportsService } from './imports.service.js';

type Api = typeof usageImportsApi;

@Controller()
export class ImportsController {
  constructor(private readonly imports: ImportsService) {}

  @Route(usageImportsApi.list)
  list(scope: CallerOf<Api['list']>, { query }: RequestOf<Api['list']>): Promise<ResponseOf<Api['list']>> {
    return this.imports.list(scope, query);
  }

  @Route(usageImportsApi.get)
  get(scope: CallerOf<Api['get']>, { params }: RequestOf<Api['get']>): Promise<ResponseOf<Api['get']>> {
    return this.imports.get(scope, params.id);
  }

  @Route(usageImportsApi.upload)
  async upload(
    scope: CallerOf<Api['upload']>,
    { query }: RequestOf<Api['upload']>,
    { request }: { request: ApiRequest; reply: FastifyReply },
  ): Promise<ResponseOf<Api['upload']>> {
    const body = request.body instanceof Readable ? request.body : Readable.from([]);
    const bytes = body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
    const declaredBytes = Number(request.headers['content-length'] ?? 0);
    try {
      return await this.imports.upload(scope, query, { bytes, declaredBytes });
    } finally {
      // Given up before its end, the rest flows by unread: a client that still writes would never see the answer.
      body.resume();
    }
  }

  @Route(usageImportsApi.send)
  send(scope: CallerOf<Api['send']>, { params }: RequestOf<Api['send']>): Promise<ResponseOf<Api['send']>> {
    return this.imports.send(scope, params.id);
  }

  @Route(usageImportsApi.faults)
  async faults(
    scope: CallerOf<Api['faults']>,
    { params }: RequestOf<Api['faults']>,
    { reply }: { request: ApiRequest; reply: FastifyReply },
  ): Promise<ResponseOf<Api['faults']>> {
    const lines = await this.imports.faults(scope, params.id);
    void reply.header('x-content-type-options', 'nosniff');
    const type = 'text/csv; charset=utf-8';
    // The text that the contract names, streamed.
    return new StreamableFile(Readable.from(lines, { objectMode: false }), {
      type,
      disposition: 'attachment; filename="faults.csv"',
    }) as unknown as string;
  }
}
