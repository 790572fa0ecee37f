import { identityApi, type RequestOf } from '#contracts';
import { Controller } from '@nestjs/common';
import { type ApiRequest, Route } from '../../http/route.js';
import type { Person } from '../../scope/scope.js';
import { PasswordService } from './password.service.js';

type Input = RequestOf<typeof identityApi.changePassword>;

@Controller()
export class PasswordController {
  constructor(private readonly passwords: PasswordService) {}

  @Route(identityApi.changePassword)
  async change(person: Person, { body }: Input, { request }: { request: ApiRequest }): Promise<void> {
    await this.passwords.change(person, body, { address: request.ip, sessionHash: request.sessionHash });
  }
}
