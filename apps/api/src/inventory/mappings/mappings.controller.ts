import { mappingsApi, type RequestOf, type ResponseOf } from '#contracts';
import { Controller } from '@nestjs/common';
import { type CallerOf, Route } from '../../http/route.js';
import { MappingsService } from './mappings.service.js';

type Api = typeof mappingsApi;

@Controller()
export class MappingsController {
  constructor(private readonly mappings: MappingsService) {}

  @Route(mappingsApi.list)
  list(scope: CallerOf<Api['list']>, { params }: RequestOf<Api['list']>): Promise<ResponseOf<Api['list']>> {
    return this.mappings.list(scope, params.id);
  }

  @Route(mappingsApi.edit)
  edit(scope: CallerOf<Api['edit']>, { params, body }: RequestOf<Api['edit']>): Promise<ResponseOf<Api['edit']>> {
    return this.mappings.edit(scope, { productId: params.id, ecosystem: params.ecosystem, ...body });
  }

  @Route(mappingsApi.preview)
  preview(
    scope: CallerOf<Api['preview']>,
    { params, body }: RequestOf<Api['preview']>,
  ): Promise<ResponseOf<Api['preview']>> {
    return this.mappings.preview(scope, { productId: params.id, ecosystem: params.ecosystem, ...body });
  }
}
