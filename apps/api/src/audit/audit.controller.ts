import { auditApi, type RequestOf } from '#contracts';
import { Controller } from '@nestjs/common';
import { Route } from '../http/route.js';
import type { Scope } from '../scope/scope.js';
import { AuditService } from './audit.service.js';

@Controller()
export class AuditController {
  constructor(private readonly entries: AuditService) {}

  @Route(auditApi.list)
  async list(scope: Scope<'audit:read'>, { query }: RequestOf<typeof auditApi.list>) {
    return this.entries.list(scope, query);
  }
}
