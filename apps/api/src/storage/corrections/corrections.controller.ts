import { type RequestOf, type ResponseOf, usageCorrectionsApi } from '#contracts';
import { Controller } from '@nestjs/common';
import { type CallerOf, Route } from '../../http/route.js';
import { CorrectionsService } from './corrections.service.js';

type Api = typeof usageCorrectionsApi;

@Controller()
export class CorrectionsController {
  constructor(private readonly corrections: CorrectionsService) {}

  @Route(usageCorrectionsApi.usages)
  usages(
    scope: CallerOf<Api['usages']>,
    { params, query }: RequestOf<Api['usages']>,
  ): Promise<ResponseOf<Api['usages']>> {
    return this.corrections.usages(scope, params.id, query);
  }

  @Route(usageCorrectionsApi.list)
  list(scope: CallerOf<Api['list']>, { params }: RequestOf<Api['list']>): Promise<ResponseOf<Api['list']>> {
    return this.corrections.list(scope, params.id);
  }

  @Route(usageCorrectionsApi.preview)
  preview(
    scope: CallerOf<Api['preview']>,
    { params, query }: RequestOf<Api['preview']>,
  ): Promise<ResponseOf<Api['preview']>> {
    return this.corrections.preview(scope, params.id, query);
  }

  @Route(usageCorrectionsApi.correct)
  correct(
    scope: CallerOf<Api['correct']>,
    { params, body }: RequestOf<Api['correct']>,
  ): Promise<ResponseOf<Api['correct']>> {
    return this.corrections.correct(scope, { deviceId: params.id, given: body });
  }
}
