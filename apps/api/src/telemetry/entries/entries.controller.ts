import { type RequestOf, type ResponseOf, usageEntriesApi } from '#contracts';
import { Controller } from '@nestjs/common';
import { type CallerOf, Route } from '../../http/route.js';
import { EntriesService } from './entries.service.js';

type Api = typeof usageEntriesApi;

@Controller()
export class EntriesController {
  constructor(private readonly entries: EntriesService) {}

  @Route(usageEntriesApi.list)
  list(scope: CallerOf<Api['list']>, { params, query }: RequestOf<Api['list']>): Promise<ResponseOf<Api['list']>> {
    return this.entries.list(scope, params.id, query);
  }

  @Route(usageEntriesApi.enter)
  enter(scope: CallerOf<Api['enter']>, { params, body }: RequestOf<Api['enter']>): Promise<ResponseOf<Api['enter']>> {
    return this.entries.enter(scope, params.id, body);
  }
}
