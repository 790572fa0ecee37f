import { organisationApi, type RequestOf } from '#contracts';
import { Controller } from '@nestjs/common';
import { Route } from '../http/route.js';
import type { Scope } from '../scope/scope.js';
import { OrganisationService } from './organisation.service.js';

@Controller()
export class OrganisationController {
  constructor(private readonly organisation: OrganisationService) {}

  @Route(organisationApi.list)
  async list(scope: Scope<'organisation:read'>, { query }: RequestOf<typeof organisationApi.list>) {
    return this.organisation.list(scope, query);
  }

  @Route(organisationApi.add)
  async add(scope: Scope<'organisation:edit'>, { body }: RequestOf<typeof organisationApi.add>) {
    return this.organisation.add(scope, body);
  }

  @Route(organisationApi.edit)
  async edit(scope: Scope<'organisation:edit'>, { params, body }: RequestOf<typeof organisationApi.edit>) {
    return this.organisation.edit(scope, params.id, body);
  }
}
