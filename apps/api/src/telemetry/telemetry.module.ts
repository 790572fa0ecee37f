import { Module } from '@nestjs/common';
import { EntriesController } from './entries/entries.controller.js';
import { EntriesService } from './entries/entries.service.js';
import { TelemetryController } from './http/telemetry.controller.js';
import { TelemetryService } from './http/telemetry.service.js';
import { ImportsController } from './imports/imports.controller.js';
import { ImportsService } from './imports/imports.service.js';
import { KeptTime } from './kept-time.js';

/** The ways in beside MQTT: messages by HTTP, entries by hand, imported files. All of them end in ingest's inbox. */
@Module({
  controllers: [TelemetryController, EntriesController, ImportsController],
  providers: [KeptTime, TelemetryService, EntriesService, ImportsService],
})
export class TelemetryModule {}
