import { RAW_DAYS } from '#contracts';
import type { TimeWindow } from '#telemetry';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { rawKeptFrom } from '../storage/storage.queries.js';

const DAY_MS = 86_400_000;
/** Partitions come and go by the week. */
const LOOK_AGAIN_MS = 60_000;

/** The times between which an event is taken (rule U5), as ingest will judge it: read once a minute. */
@Injectable()
export class KeptTime {
  private keptFromMs = 0;
  private readAtMs = -Infinity;

  constructor(private readonly db: DataSource) {}

  async windowAt(receivedAtMs: number): Promise<TimeWindow> {
    if (receivedAtMs - this.readAtMs > LOOK_AGAIN_MS) {
      this.keptFromMs = (await rawKeptFrom(this.db.manager))?.getTime() ?? receivedAtMs - RAW_DAYS * DAY_MS;
      this.readAtMs = receivedAtMs;
    }
    return { receivedAtMs, keptFromMs: this.keptFromMs };
  }
}
