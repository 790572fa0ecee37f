import { Module } from '@nestjs/common';
import { JobsModule } from '../jobs/jobs.module.js';
import { SystemController } from './system.controller.js';
import { SystemService } from './system.service.js';

@Module({ imports: [JobsModule], controllers: [SystemController], providers: [SystemService] })
export class SystemModule {}
