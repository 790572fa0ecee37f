import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ResponseOf, healthApi } from '#contracts';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { canaryPart } from '../canary/canary-part.js';
import type { Config } from '../config.js';
import { JobsService } from '../jobs/run/jobs.service.js';
import { CONFIG } from '../settings.js';
import { ingestState, serviceState } from './part-state.js';
import { heartbeats } from './heartbeat.queries.js';

type Ready = ResponseOf<typeof healthApi.ready>;
type Part = Ready['parts'][keyof Ready['parts']];

@Injectable()
export class HealthService {
  constructor(
    private readonly db: DataSource,
    private readonly jobs: JobsService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Every part of the installation as this process sees it now. */
  async ready(): Promise<Ready> {
    const parts = { ...(await this.services()), web: this.web() };
    return { ok: Object.values(parts).every((part) => part.ok), parts };
  }

  private async services(): Promise<Omit<Ready['parts'], 'web'>> {
    try {
      const given = await heartbeats(this.db.manager);
      const [ingest, worker] = [ingestState(given), serviceState(given, 'worker')];
      const canary = canaryPart(given, this.config.canary);
      return { database: { ok: true }, ingest, worker, jobs: await this.jobsPart(), canary };
    } catch (error) {
      const unknown = { ok: false, message: 'unknown while the database does not answer' };
      const parts = { ingest: unknown, worker: unknown, jobs: unknown, canary: unknown };
      return { database: { ok: false, message: String(error) }, ...parts };
    }
  }

  /** Failed jobs are told, but do not stop anything else: they are tried again, and administrators are notified. */
  private async jobsPart(): Promise<Part> {
    const { isRunning, failed } = await this.jobs.state();
    if (this.config.jobs === 'off') return { ok: true, message: 'not done by this process' };
    if (!isRunning) return { ok: false, message: 'no jobs are being done' };
    return failed === 0 ? { ok: true } : { ok: true, message: `failed at the last attempt: ${failed}` };
  }

  private web(): Part {
    if (this.config.webDir === null) return { ok: true, message: 'not served by this process' };
    const built = existsSync(join(this.config.webDir, 'index.html'));
    return built ? { ok: true } : { ok: false, message: 'the web page is not built: run npm run build' };
  }
}
