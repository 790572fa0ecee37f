import type { ModuleRef } from '@nestjs/core';
import type { JobHelpers, TaskList } from 'graphile-worker';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import type { JobContext, JobEntry } from '../job.js';
import { JOB_PAYLOADS, type JobName, type JobPayload } from '../payloads.js';
import { JOBS } from '../registry.js';
import { CLOCK, type Clock } from '../../settings.js';
import { DAILY_TASK, enqueueDaily } from '../timetable.js';

const FromTimetable = z.object({ _cron: z.object({ ts: z.coerce.date() }) });

/** The registry as the library wants it: each handler gets its payload checked, and what it works with. */
export function taskList(db: DataSource, modules: ModuleRef): TaskList {
  const { now } = modules.get<Clock>(CLOCK, { strict: false });
  const contextOf = ({ abortSignal }: JobHelpers): JobContext => ({
    db,
    now,
    get: (service) => modules.get(service, { strict: false }),
    signal: abortSignal,
  });
  const names = Object.keys(JOBS) as JobName[];
  const tasks = names.map((name) => [
    name,
    (payload: unknown, helpers: JobHelpers) => runJob(name, payload, contextOf(helpers)),
  ]);
  return {
    ...(Object.fromEntries(tasks) as TaskList),
    [DAILY_TASK]: (payload: unknown) => enqueueDaily(db, FromTimetable.parse(payload)._cron.ts),
  };
}

async function runJob<Name extends JobName>(name: Name, payload: unknown, context: JobContext): Promise<void> {
  const { run } = JOBS[name] as JobEntry<Name>;
  await run(JOB_PAYLOADS[name].parse(payload) as JobPayload<Name>, context);
}
