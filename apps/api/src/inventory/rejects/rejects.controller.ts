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
}
