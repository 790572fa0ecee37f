import { Module } from '@nestjs/common';
import { CountersController } from './counters/counters.controller.js';
import { CountersService } from './counters/counters.service.js';
import { StorageController } from './storage.controller.js';
import { StorageService } from './storage.service.js';

/** What is stored and for how long; the readings of counters that a person must judge. */
@Module({ controllers: [StorageController, CountersController], providers: [StorageService, CountersService] })
export class StorageModule {}
