import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ResponseOf, healthApi } from '#contracts';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Config } from '../config.js';
import { CONFIG } from '../settings.js';
import { heartbeatAges } from './heartbeat.queries.js';

type Ready = ResponseOf<typeof healthApi.ready>;
type Part = Ready['parts'][keyof Ready['parts']];

/** A service that has not written its heartbeat for this long is not working. */
const LATEST_HEARTBEAT_MS = 15_000;

@Injectable()
export class HealthService {
  constructor(
    private readonly db: DataSource,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Every part of the installation as this process sees it now. */
  async ready(): Promise<Ready> {
    const parts = { ...(await this.services()), web: this.web() };
    return { ok: Object.values(parts).every((part) => part.ok), parts };
  }

  private async services(): Promise<{ database: Part; ingest: Part; worker: Part }> {
    try {
      const ages = await heartbeatAges(this.db.manager);
      return { database: { ok: true }, ingest: fresh(ages.get('ingest')), worker: fresh(ages.get('worker')) };
    } catch (error) {
      const unknown = { ok: false, message: 'unknown while the database does not answer' };
      return { database: { ok: false, message: String(error) }, ingest: unknown, worker: unknown };
    }
  }

  private web(): Part {
    if (this.config.webDir === null) return { ok: true, message: 'not served by this process' };
    const built = existsSync(join(this.config.webDir, 'index.html'));
    return built ? { ok: true } : { ok: false, message: 'the web page is not built: run npm run build' };
  }
}

const fresh = (ageMs: number | undefined): Part => {
  if (ageMs === undefined) return { ok: false, message: 'has not started' };
  return ageMs <= LATEST_HEARTBEAT_MS
    ? { ok: true }
    : { ok: false, message: `silent for ${Math.round(ageMs / 1000)} s` };
};
