import { Module } from '@nestjs/common';
import { WorkerService } from './worker.service.js';

/** Computes benefit figures from usage in the background; one process at a time, the others stand by. */
@Module({ providers: [WorkerService] })
export class WorkerModule {}
