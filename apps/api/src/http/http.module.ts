import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { IdentityModule } from '../identity/identity.module.js';
import { AccessGuard } from './access.guard.js';
import { DocumentsController } from './documents.controller.js';
import { ErrorsFilter } from './errors.filter.js';

/** What holds for every route: one permission each, and one place where errors become answers. */
@Module({
  imports: [IdentityModule],
  controllers: [DocumentsController],
  providers: [
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_FILTER, useClass: ErrorsFilter },
  ],
})
export class HttpModule {}
