import { rejectsApi, type RequestOf, type ResponseOf } from '#contracts';
import { Controller } from '@nestjs/common';
import { type CallerOf, Route } from '../../http/route.js';
import { RejectsService } from './rejects.service.js';

type Api = typeof rejectsApi;

@Controller()
export class RejectsController {
  constructor(private readonly rejects: RejectsService) {}

  @Route(rejectsApi.list)
  list(scope: CallerOf<Api['list']>, { query }: RequestOf<Api['list']>): Promise<ResponseOf<Api['list']>> {
    return this.rejects.list(scope, query);
  }

  @Route(rejectsApi.counts)
  counts(scope: CallerOf<Api['counts']>, { query }: RequestOf<Api['counts']>): Promise<ResponseOf<Api['counts']>> {
    return this.rejects.counts(scope, query);
  }

  @Route(rejectsApi.groups)
  groups(scope: CallerOf<Api['groups']>, { query }: RequestOf<Api['groups']>): Promise<ResponseOf<Api['groups']>> {
    return this.rejects.groups(scope, query);
  }

  @Route(rejectsApi.get)
  get(scope: CallerOf<Api['get']>, { params }: RequestOf<Api['get']>): Promise<ResponseOf<Api['get']>> {
    return this.rejects.get(scope, params.id);
  }

  @Route(rejectsApi.replay)
  replay(scope: CallerOf<Api['replay']>, { body }: RequestOf<Api['replay']>): Promise<ResponseOf<Api['replay']>> {
    return this.rejects.replay(scope, body);
  }
}
