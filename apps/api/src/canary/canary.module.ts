import { Module } from '@nestjs/common';
import { CanaryService } from './canary.service.js';

/** Sees to it that somebody notices when usage no longer comes through; one process at a time, the others stand by. */
@Module({ providers: [CanaryService] })
export class CanaryModule {}
