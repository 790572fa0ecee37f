import { NotificationDetails } from '#contracts';
import type { NotificationKind } from '#domain';
import type { EntityManager } from 'typeorm';
import { heartbeats } from '../../health/heartbeat.queries.js';
import { isIngest } from '../../health/part-state.js';
import type { JobHandler } from '../../jobs/job.js';
import { lastingFailures } from '../../jobs/jobs.queries.js';
import { Outbox } from './outbox.service.js';
import { finishEvent, lockEvent, placeOf, type WaitingEvent } from './raise.queries.js';

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

/** Makes a notification of an event of another process, or ends one; in effect once, however often it is tried. */
export const takeEvent: JobHandler<'notifications.take_event'> = async ({ eventId }, { db, get }) => {
  await db.transaction(async (tx) => {
    const event = await lockEvent(tx, eventId);
    if (!event) return;
    if (!event.isOvertaken) await take(tx, event, get(Outbox));
    await finishEvent(tx, eventId);
  });
};

async function take(tx: EntityManager, event: WaitingEvent, outbox: Outbox): Promise<void> {
  const { kind, dedupeKey } = event;
  if (!isKind(kind)) throw new Error(`There is no notification of the kind ${kind}.`);
  if (event.isOver) return outbox.close(tx, kind, dedupeKey);
  const about = event.deviceKey === null ? 'installation' : { deviceKey: event.deviceKey };
  const place = await placeOf(tx, about);
  if (!place) return; // the device has gone
  const data = NotificationDetails[kind].parse({ ...event.data, assetTag: place.assetTag });
  await outbox.raise(tx, { kind, about, data, dedupeKey });
}

const isKind = (kind: string): kind is NotificationKind => kind in NotificationDetails;
