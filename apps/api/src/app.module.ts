import { dataSourceOptions } from '#database';
import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from './audit/audit.module.js';
import type { Config } from './config.js';
import { BenefitsModule } from './benefits/benefits.module.js';
import { CanaryModule } from './canary/canary.module.js';
import { WorkerModule } from './worker/worker.module.js';
import { LiveModule } from './live/live.module.js';
import { HealthController } from './health/health.controller.js';
import { HealthService } from './health/health.service.js';
import { HttpModule } from './http/http.module.js';
import { IdentityModule } from './identity/identity.module.js';
import { JobsModule } from './jobs/jobs.module.js';
import { InventoryModule } from './inventory/inventory.module.js';
import { OrganisationModule } from './organisation/organisation.module.js';
import { NotificationsModule } from './notifications/notifications.module.js';
import { type Clock, SettingsModule } from './settings.js';
import { StorageModule } from './storage/storage.module.js';
import { SystemModule } from './system/system.module.js';
import { TelemetryModule } from './telemetry/telemetry.module.js';
import { TrialsModule } from './trials/trials.module.js';

@Module({})
export class AppModule {
  static with(config: Config, clock?: Clock): DynamicModule {
    return {
      module: AppModule,
      imports: [
        SettingsModule.with(config, clock),
        TypeOrmModule.forRoot({ ...dataSourceOptions(config.databaseUrl), retryAttempts: 3, retryDelay: 500 }),
        HttpModule,
        IdentityModule,
        OrganisationModule,
        AuditModule,
        InventoryModule,
        TrialsModule,
        TelemetryModule,
        BenefitsModule,
        WorkerModule,
        LiveModule,
        JobsModule,
        NotificationsModule,
        CanaryModule,
        StorageModule,
        SystemModule,
      ],
      controllers: [HealthController],
      providers: [HealthService],
    };
  }
}
