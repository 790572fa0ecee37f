import type pg from 'pg';
import type { EntityManager } from 'typeorm';
import { JOB_PAYLOADS, type JobName, type JobPayload } from './payloads.js';

/** Any number; the same in every process, so that one at a time installs the tables. */
const INSTALL_LOCK = 7_428_341;
/** Any number: the class of the locks by which a process shows that it lives. */
const PRESENCE_CLASS = 7_428_342;

export interface EnqueueOptions {
  /** A waiting job of the same key is replaced: at most one of it waits. */
  jobKey?: string;
  /** Not before this; at once unless given. */
  runAt?: Date;
}

/** A job to be done, with what it is told. */
export type Enqueued<Name extends JobName> = { payload: JobPayload<Name> } & EnqueueOptions;

/** Adds a job in the caller's own transaction: rolled back, there never was one. Throws for a payload that is not the job's. */
export async function enqueue<Name extends JobName>(tx: EntityManager, name: Name, job: Enqueued<Name>): Promise<void> {
  await enqueueAll(tx, name, [job]);
}

/**
 * Adds jobs of one name in one statement; see {@link enqueue}. Of those of the same key one is left. They are added in the
 * order of their keys, so that two transactions with keys in common wait for each other and never in a circle.
 */
export async function enqueueAll<Name extends JobName>(
  tx: EntityManager,
  name: Name,
  jobs: readonly Enqueued<Name>[],
): Promise<void> {
  if (jobs.length === 0) return;
  await tx.query(
    /* sql */ `select graphile_worker.add_job($1::text, payload := j.payload, run_at := j.run_at, job_key := j.job_key)
    from (
      select * from unnest($2::json[], $3::timestamptz[], $4::text[]) as g(payload, run_at, job_key) order by job_key
    ) j`,
    [
      name,
      jobs.map(({ payload }) => JSON.stringify(JOB_PAYLOADS[name].parse(payload))),
      jobs.map(({ runAt }) => runAt ?? null),
      jobs.map(({ jobKey }) => jobKey ?? null),
    ],
  );
}

/** Takes back a job that waits under that key, if there is one; one that is being done goes on. */
export async function removeJob(tx: EntityManager, jobKey: string): Promise<void> {
  await tx.query(/* sql */ `select graphile_worker.remove_job($1::text)`, [jobKey]);
}

/** One at a time installs the job tables; held until the connection closes. */
export async function lockInstallation(client: pg.Client): Promise<void> {
  await client.query('select pg_advisory_lock($1)', [INSTALL_LOCK]);
}

/** Shows others that the pool of workers lives, for as long as this connection does. */
export async function showPresence(client: pg.Client, poolId: string): Promise<void> {
  await client.query('select pg_advisory_lock_shared($1::int, hashtext($2))', [PRESENCE_CLASS, poolId]);
}

/**
 * Frees the jobs of processes that died over them, which the library itself would do after four hours. A pool that has
 * just begun may not have shown its presence yet: only locks some seconds old count.
 */
export async function freeJobsOfTheDead(tx: EntityManager): Promise<void> {
  await tx.query(
    /* sql */ `select graphile_worker.force_unlock_workers(dead.pools) from (
      select array_agg(distinct j.locked_by) as pools from graphile_worker.jobs j
      where j.locked_by is not null and j.locked_at < now() - interval '5 seconds' and not exists (
        select from pg_locks l
        where l.locktype = 'advisory' and l.classid = $1::bigint::oid and l.objsubid = 2
          and l.database = (select oid from pg_database where datname = current_database())
          and l.objid = (hashtext(j.locked_by)::bigint & 4294967295)::oid)
    ) dead where dead.pools is not null`,
    [PRESENCE_CLASS],
  );
}

/** Failing jobs of one name. */
export interface FailingJobs {
  job: string;
  failing: number;
}

const FAILING = `last_error is not null and locked_at is null`;

/** How many jobs have failed at their last attempt, also those that will be tried again. */
export async function countFailedJobs(tx: EntityManager): Promise<number> {
  const [row] = await tx.query<{ count: number }[]>(
    /* sql */ `select count(*)::int as count from graphile_worker.jobs where ${FAILING}`,
  );
  return row?.count ?? 0;
}

/**
 * The jobs that keep failing, by name: at the sixth attempt (after some four minutes), without attempts left, or done by
 * the timetable and failing for five minutes. The timetable's start anew every time, so their attempts do not tell.
 */
export async function lastingFailures(tx: EntityManager): Promise<FailingJobs[]> {
  return tx.query(/* sql */ `select task_identifier as job, count(*)::int as failing from graphile_worker.jobs
    where ${FAILING} and (attempts >= least(6, max_attempts)
      or (key like 'timetable/%' and created_at < now() - interval '5 minutes'))
    group by task_identifier order by 1`);
}

/** Removes jobs that were given up so many days ago; until then they can be looked into. */
export async function forgetGivenUpJobs(tx: EntityManager, days: number): Promise<void> {
  await tx.query(
    /* sql */ `select graphile_worker.complete_jobs(coalesce(array_agg(id), '{}')) from graphile_worker.jobs
    where attempts >= max_attempts and locked_at is null and updated_at < now() - make_interval(days => $1)`,
    [days],
  );
}

/** Every municipality with its zone; one that has ended too, for what is kept of it must still go in time (K1–K3). */
export async function municipalities(tx: EntityManager): Promise<{ rootId: string; zone: string }[]> {
  return tx.query(/* sql */ `select id as "rootId", time_zone as zone from org_node where parent_id is null`);
}
