import type { EntityManager } from 'typeorm';
import { heartbeats } from '../../health/heartbeat.queries.js';
import { isIngest } from '../../health/part-state.js';
import type { JobHandler } from '../../jobs/job.js';
import { lastingFailures } from '../../jobs/jobs.queries.js';
import { Outbox } from './outbox.service.js';

/** While ingest is not heard itself, nobody can tell who is silent. */
const LATEST_HEARTBEAT_MS = 60_000;

/** Opens and closes the notifications of a kind by what the database shows. */
export const settleKind: JobHandler<'notifications.settle'> = async ({ kind }, { db, get }) => {
  await db.transaction(async (tx) => {
    if (kind === 'device_silent' && !(await isListening(tx))) return;
    await get(Outbox).settle(tx, kind);
  });
};

async function isListening(tx: EntityManager): Promise<boolean> {
  const workers = (await heartbeats(tx)).filter(({ service }) => isIngest(service));
  return workers.some(({ ageMs }) => ageMs <= LATEST_HEARTBEAT_MS);
}

/** One notification for each name of jobs that keep failing, until they do no longer. */
export const settleJobs: JobHandler<'notifications.settle_jobs'> = async (_payload, { db, get }) => {
  const outbox = get(Outbox);
  await db.transaction(async (tx) => {
    const failing = await lastingFailures(tx);
    for (const data of failing)
      await outbox.raise(tx, { kind: 'job_failed', about: 'installation', data, dedupeKey: data.job });
    const names = failing.map(({ job }) => job);
    await outbox.closeOthers(tx, 'job_failed', names);
  });
};
