import { Module } from '@nestjs/common';
import { LogInAttempts } from './log-in/attempts.js';
import { FirstAdministrator } from './log-in/first-administrator.js';
import { LinksService } from './log-in/links.service.js';
import { LogInService } from './log-in/log-in.service.js';
import { SessionController } from './log-in/session.controller.js';
import { PasswordController } from './password/password.controller.js';
import { PasswordService } from './password/password.service.js';
import { SessionsService } from './sessions.service.js';
import { GrantsService } from './users/grants.service.js';
import { UsersController } from './users/users.controller.js';
import { UsersService } from './users/users.service.js';

@Module({
  controllers: [SessionController, PasswordController, UsersController],
  providers: [
    SessionsService,
    LogInAttempts,
    LogInService,
    LinksService,
    PasswordService,
    FirstAdministrator,
    GrantsService,
    UsersService,
  ],
  exports: [SessionsService],
})
export class IdentityModule {}
