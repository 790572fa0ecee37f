import type { CanaryView, SystemView } from '#contracts';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CANARY_SERVICE, canaryView, readStatus } from '../canary/canary-status.js';
import type { Config } from '../config.js';
import { groupRejects } from '../inventory/rejects/reject-counts.queries.js';
import { type Heartbeat, heartbeats } from '../health/heartbeat.queries.js';
import { isIngest } from '../health/part-state.js';
import { JobsService } from '../jobs/run/jobs.service.js';
import type { Scope } from '../scope/scope.js';
import { CONFIG } from '../settings.js';
import { countDirtyDays } from '../worker/worker.queries.js';
import { type JobsState, partsOf } from './parts.js';
import { waitingJobs, type WrongClock, wrongClocks } from './system.queries.js';

const CLOCKS_SHOWN = 200;
const HOUR_MS = 3_600_000;

@Injectable()
export class SystemService {
  constructor(
    private readonly db: DataSource,
    private readonly jobs: JobsService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Every part of the installation, and what of the scope's devices tells that something is wrong. */
  async read(scope: Scope<'system:read'>): Promise<SystemView> {
    const tx = this.db.manager;
    const now = new Date();
    const since = new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS - HOUR_MS);
    const beats = await heartbeats(tx);
    const canary = this.canary(beats, scope);
    const jobs = await this.jobsState();
    const dirty = await countDirtyDays(tx);
    const clocks = await wrongClocks(tx, scope, CLOCKS_SHOWN);
    const byCode = await groupRejects(tx, scope, { from: since.toISOString() });
    return {
      asOf: now.toISOString(),
      parts: partsOf(beats, { jobs, canary, now }),
      canary,
      partitionWeeksAhead: weeksAhead(beats),
      rejects: { since: since.toISOString(), byCode: byCode.map(({ code, count }) => ({ code, count })) },
      dirtyDays: dirty.waiting + dirty.claimed,
      jobs: { waiting: await waitingJobs(tx), failed: jobs.failed },
      wrongClocks: clocks.rows.map(clockView),
      wrongClocksTotal: clocks.total,
    };
  }

  private canary(beats: readonly Heartbeat[], scope: Scope): CanaryView {
    const beat = beats.find(({ service }) => service === CANARY_SERVICE);
    const status = readStatus(beat?.status);
    const { canary } = this.config;
    const known = beat && status ? { status, ageMs: beat.ageMs, at: beat.at } : null;
    return canaryView(scope.person.rootId, known, canary.isOn ? null : canary.reason);
  }

  private async jobsState(): Promise<JobsState> {
    return { isOff: this.config.jobs === 'off', ...(await this.jobs.state()) };
  }
}

/** The fewest that a worker has seen: they all see the same partitions, some a while ago. */
function weeksAhead(beats: readonly Heartbeat[]): number | null {
  const told = beats.flatMap(({ service, state, status }) => {
    const weeks = status['partitionWeeksAhead'];
    return isIngest(service) && state !== 'stopped' && typeof weeks === 'number' ? [weeks] : [];
  });
  return told.length === 0 ? null : Math.min(...told);
}

const clockView = ({ clockSkewAt, ...clock }: WrongClock): SystemView['wrongClocks'][number] => ({
  ...clock,
  clockSkewAt: clockSkewAt?.toISOString() ?? null,
});
