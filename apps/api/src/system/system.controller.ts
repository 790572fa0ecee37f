import { systemApi, type SystemView } from '#contracts';
import { Controller } from '@nestjs/common';
import { Route } from '../http/route.js';
import type { Scope } from '../scope/scope.js';
import { SystemService } from './system.service.js';

@Controller()
export class SystemController {
  constructor(private readonly system: SystemService) {}

  @Route(systemApi.read)
  read(scope: Scope<'system:read'>): Promise<SystemView> {
    return this.system.read(scope);
  }
}
