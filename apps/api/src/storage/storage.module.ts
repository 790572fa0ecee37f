import { Module } from '@nestjs/common';
import { CorrectionsController } from './corrections/corrections.controller.js';
import { CorrectionsService } from './corrections/corrections.service.js';
import { CountersController } from './counters/counters.controller.js';
import { CountersService } from './counters/counters.service.js';
import { StorageController } from './storage.controller.js';
import { StorageService } from './storage.service.js';

/** What is stored and for how long; what people decide of usages and of counters' readings. */
@Module({
  controllers: [StorageController, CountersController, CorrectionsController],
  providers: [StorageService, CountersService, CorrectionsService],
})
export class StorageModule {}
