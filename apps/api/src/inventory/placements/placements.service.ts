import type { PlaceDevice, PlacementView, placementsApi, RequestOf, ResponseOf } from '#contracts';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Scope } from '../../scope/scope.js';
import { type EndRequest, endPlacement } from './end-placement.js';
import { placeDevice } from './place-device.js';
import { listPlacements } from './placements.queries.js';

@Injectable()
export class PlacementsService {
  constructor(private readonly db: DataSource) {}

  list(
    scope: Scope,
    query: RequestOf<typeof placementsApi.list>['query'],
  ): Promise<ResponseOf<typeof placementsApi.list>> {
    return listPlacements(this.db.manager, scope, query);
  }

  place(scope: Scope, body: PlaceDevice): Promise<PlacementView> {
    return this.db.transaction((tx) => placeDevice(tx, scope, body));
  }

  end(scope: Scope, request: EndRequest): Promise<PlacementView> {
    return this.db.transaction((tx) => endPlacement(tx, scope, request));
  }
}
