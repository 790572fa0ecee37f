import { Module } from '@nestjs/common';
import { IdentityModule } from '../identity/identity.module.js';
import { LiveController } from './live.controller.js';
import { LiveService } from './live.service.js';
import { LiveGateway } from './watch/live.gateway.js';
import { NoticesService } from './watch/notices.service.js';
import { ViewerAccess } from './watch/viewer-access.js';
import { WatchedPages } from './watch/watched-pages.js';

@Module({
  imports: [IdentityModule],
  controllers: [LiveController],
  providers: [LiveService, WatchedPages, NoticesService, ViewerAccess, LiveGateway],
})
export class LiveModule {}
