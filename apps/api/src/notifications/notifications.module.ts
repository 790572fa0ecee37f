import { Global, Module } from '@nestjs/common';
import { Mailer } from './mail/mailer.service.js';
import { NotificationsController } from './notifications.controller.js';
import { NotificationsService } from './notifications.service.js';
import { Outbox } from './raise/outbox.service.js';

/** One outbox for every reminder and alert; any feature may raise. */
@Global()
@Module({
  controllers: [NotificationsController],
  providers: [NotificationsService, Outbox, Mailer],
  exports: [Outbox, Mailer],
})
export class NotificationsModule {}
