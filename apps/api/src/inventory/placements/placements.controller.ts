import { placementsApi, type RequestOf, type ResponseOf } from '#contracts';
import { Controller } from '@nestjs/common';
import { type CallerOf, Route } from '../../http/route.js';
import { PlacementsService } from './placements.service.js';

type Api = typeof placementsApi;

@Controller()
export class PlacementsController {
  constructor(private readonly placements: PlacementsService) {}

  @Route(placementsApi.list)
  list(scope: CallerOf<Api['list']>, { query }: RequestOf<Api['list']>): Promise<ResponseOf<Api['list']>> {
    return this.placements.list(scope, query);
  }

  @Route(placementsApi.place)
  place(scope: CallerOf<Api['place']>, { body }: RequestOf<Api['place']>): Promise<ResponseOf<Api['place']>> {
    return this.placements.place(scope, body);
  }

  @Route(placementsApi.end)
  end(scope: CallerOf<Api['end']>, { params, body }: RequestOf<Api['end']>): Promise<ResponseOf<Api['end']>> {
    return this.placements.end(scope, { id: params.id, ...body });
  }
}
