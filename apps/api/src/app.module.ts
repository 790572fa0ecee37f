import { dataSourceOptions } from '#database';
import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from './audit/audit.module.js';
import type { Config } from './config.js';
import { BenefitsModule } from './benefits/benefits.module.js';
import { WorkerModule } from './worker/worker.module.js';
import { LiveModule } from './live/live.module.js';
import { HealthController } from './health/health.controller.js';
import { HealthService } from './health/health.service.js';
import { HttpModule } from './http/http.module.js';
import { IdentityModule } from './identity/identity.module.js';
import { InventoryModule } from './inventory/inventory.module.js';
import { OrganisationModule } from './organisation/organisation.module.js';
import { SettingsModule } from './settings.js';
import { TrialsModule } from './trials/trials.module.js';

@Module({})
export class AppModule {
  static with(config: Config): DynamicModule {
    return {
      module: AppModule,
      imports: [
        SettingsModule.with(config),
        TypeOrmModule.forRoot({ ...dataSourceOptions(config.databaseUrl), retryAttempts: 3, retryDelay: 500 }),
        HttpModule,
        IdentityModule,
        OrganisationModule,
        AuditModule,
        InventoryModule,
        TrialsModule,
        BenefitsModule,
        WorkerModule,
        LiveModule,
      ],
      controllers: [HealthController],
      providers: [HealthService],
    };
  }
}
