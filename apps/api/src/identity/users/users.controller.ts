import { type RequestOf, usersApi } from '#contracts';
import { Controller } from '@nestjs/common';
import { Route } from '../../http/route.js';
import type { Scope } from '../../scope/scope.js';
import { GrantsService } from './grants.service.js';
import { UsersService } from './users.service.js';

type EditScope = Scope<'user:edit'>;

@Controller()
export class UsersController {
  constructor(
    private readonly users: UsersService,
    private readonly grants: GrantsService,
  ) {}

  @Route(usersApi.list)
  async list(scope: Scope<'user:read'>, { query }: RequestOf<typeof usersApi.list>) {
    return this.users.list(scope, query);
  }

  @Route(usersApi.invite)
  async invite(scope: EditScope, { body }: RequestOf<typeof usersApi.invite>) {
    return this.users.invite(scope, body);
  }

  @Route(usersApi.giveLink)
  async giveLink(scope: EditScope, { params }: RequestOf<typeof usersApi.giveLink>) {
    return this.users.giveLink(scope, params.id);
  }

  @Route(usersApi.grant)
  async grant(scope: EditScope, { params, body }: RequestOf<typeof usersApi.grant>) {
    return this.grants.give(scope, params.id, body);
  }

  @Route(usersApi.endGrant)
  async endGrant(scope: EditScope, { params }: RequestOf<typeof usersApi.endGrant>) {
    return this.grants.end(scope, params);
  }

  @Route(usersApi.disable)
  async disable(scope: EditScope, { params }: RequestOf<typeof usersApi.disable>) {
    return this.users.disable(scope, params.id);
  }

  @Route(usersApi.enable)
  async enable(scope: EditScope, { params }: RequestOf<typeof usersApi.enable>) {
    return this.users.enable(scope, params.id);
  }
}
