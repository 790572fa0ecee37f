import { type RequestOf, type ResponseOf, trialsApi } from '#contracts';
import { Controller } from '@nestjs/common';
import { type CallerOf, Route } from '../http/route.js';
import { TrialsService } from './trials.service.js';

type Api = typeof trialsApi;

@Controller()
export class TrialsController {
  constructor(private readonly trials: TrialsService) {}

  @Route(trialsApi.list)
  list(scope: CallerOf<Api['list']>, { query }: RequestOf<Api['list']>): Promise<ResponseOf<Api['list']>> {
    return this.trials.list(scope, query);
  }

  @Route(trialsApi.similar)
  similar(scope: CallerOf<Api['similar']>, { query }: RequestOf<Api['similar']>): Promise<ResponseOf<Api['similar']>> {
    return this.trials.similar(scope, query);
  }

  @Route(trialsApi.get)
  get(scope: CallerOf<Api['get']>, { params }: RequestOf<Api['get']>): Promise<ResponseOf<Api['get']>> {
    return this.trials.get(scope, params.id);
  }

  @Route(trialsApi.register)
  register(
    scope: CallerOf<Api['register']>,
    { body }: RequestOf<Api['register']>,
  ): Promise<ResponseOf<Api['register']>> {
    return this.trials.register(scope, body);
  }

  @Route(trialsApi.edit)
  edit(scope: CallerOf<Api['edit']>, { params, body }: RequestOf<Api['edit']>): Promise<ResponseOf<Api['edit']>> {
    return this.trials.edit(scope, { id: params.id, body });
  }

  @Route(trialsApi.move)
  move(scope: CallerOf<Api['move']>, { params, body }: RequestOf<Api['move']>): Promise<ResponseOf<Api['move']>> {
    return this.trials.move(scope, { id: params.id, ...body });
  }

  @Route(trialsApi.changeRule)
  changeRule(
    scope: CallerOf<Api['changeRule']>,
    { params, body }: RequestOf<Api['changeRule']>,
  ): Promise<ResponseOf<Api['changeRule']>> {
    return this.trials.changeRule(scope, { ...params, ...body });
  }
}
