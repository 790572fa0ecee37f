import { Module } from '@nestjs/common';
import { JobsService } from './run/jobs.service.js';

/** Work that outlives its request: enqueued in the change's own transaction, done by any API process, tried again. */
@Module({ providers: [JobsService], exports: [JobsService] })
export class JobsModule {}
