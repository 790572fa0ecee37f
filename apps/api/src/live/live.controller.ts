import {
  type LiveTrialView,
  type LiveUnitView,
  liveApi,
  type RequestOf,
  type ResponseOf,
  type UnitDaysView,
} from '#contracts';
import { Controller } from '@nestjs/common';
import { Route } from '../http/route.js';
import type { Scope } from '../scope/scope.js';
import { LiveService } from './live.service.js';

@Controller()
export class LiveController {
  constructor(private readonly live: LiveService) {}

  @Route(liveApi.units)
  units(scope: Scope<'live:read'>): Promise<ResponseOf<typeof liveApi.units>> {
    return this.live.units(scope);
  }

  @Route(liveApi.unit)
  unit(scope: Scope<'live:read'>, { params }: RequestOf<typeof liveApi.unit>): Promise<LiveUnitView> {
    return this.live.unit(scope, params.id);
  }

  @Route(liveApi.unitDays)
  unitDays(scope: Scope<'live:read'>, { params }: RequestOf<typeof liveApi.unitDays>): Promise<UnitDaysView> {
    return this.live.unitDays(scope, params.id);
  }

  @Route(liveApi.trial)
  trial(scope: Scope<'live:read'>, { params }: RequestOf<typeof liveApi.trial>): Promise<LiveTrialView> {
    return this.live.trial(scope, params.id);
  }
}
