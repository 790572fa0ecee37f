import { Module } from '@nestjs/common';
import { BenefitsController } from './benefits.controller.js';
import { BenefitsService } from './benefits.service.js';

@Module({ controllers: [BenefitsController], providers: [BenefitsService] })
export class BenefitsModule {}
