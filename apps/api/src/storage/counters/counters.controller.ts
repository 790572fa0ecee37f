import { countersApi, type RequestOf, type ResponseOf } from '#contracts';
import { Controller } from '@nestjs/common';
import { type CallerOf, Route } from '../../http/route.js';
import { CountersService } from './counters.service.js';

type Api = typeof countersApi;

@Controller()
export class CountersController {
  constructor(private readonly counters: CountersService) {}

  @Route(countersApi.list)
  list(scope: CallerOf<Api['list']>, { params }: RequestOf<Api['list']>): Promise<ResponseOf<Api['list']>> {
    return this.counters.list(scope, params.id);
  }

  @Route(countersApi.correct)
  correct(
    scope: CallerOf<Api['correct']>,
    { params, body }: RequestOf<Api['correct']>,
  ): Promise<ResponseOf<Api['correct']>> {
    return this.counters.correct(scope, { id: params.id, given: body });
  }
}
