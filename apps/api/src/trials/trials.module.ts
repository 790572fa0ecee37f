import { Module } from '@nestjs/common';
import { TrialsController } from './trials.controller.js';
import { TrialsService } from './trials.service.js';

/** Trials with their goals, costs, benefit lines and measurement rules, and their way from idea to closed. */
@Module({ controllers: [TrialsController], providers: [TrialsService] })
export class TrialsModule {}
