import { nextLocalHour } from '#domain';
import { type CronItem, parseCronItems, type ParsedCronItem } from 'graphile-worker';
import type { DataSource } from 'typeorm';
import type { Timetable } from './job.js';
import { enqueue, municipalities } from './jobs.queries.js';
import type { JobName, JobPayload } from './payloads.js';
import { JOBS } from './registry.js';

/** The one task that is no job of the registry: it looks which municipalities' hour has come. */
export const DAILY_TASK = 'jobs.daily';
const DAILY_EVERY_MS = 15 * 60_000;
/** A process that was down at the hour makes up for it when it is back within these. */
const MADE_UP_FOR_MS = 12 * 3_600_000;

type Entry = { timetable?: readonly Timetable<JobName>[] };
const ENTRIES = Object.entries(JOBS) as [JobName, Entry][];

/** What graphile-worker is to do by itself. All processes may have it: each item is added once. */
export function cronItems(): ParsedCronItem[] {
  const intervals = ENTRIES.flatMap(([name, { timetable = [] }]) =>
    timetable.flatMap((line, index) =>
      'everyMinutes' in line ? [everyMinutes(name, line, `timetable/${name}/${index}`)] : [],
    ),
  );
  const backfillPeriod = MADE_UP_FOR_MS;
  // Every zone's hours begin on a quarter of a UTC hour.
  return parseCronItems([...intervals, { task: DAILY_TASK, match: '*/15 * * * *', options: { backfillPeriod } }]);
}

/** Keyed, so that a slow or failing round never piles up, and queued, so that it never runs beside itself. */
const everyMinutes = (
  name: JobName,
  { everyMinutes: minutes, payload }: Extract<Timetable<JobName>, { everyMinutes: number }>,
  key: string,
): CronItem => ({
  task: name,
  match: `*/${minutes} * * * *`,
  payload,
  identifier: key,
  options: { jobKey: key, queueName: key },
});

/** The jobs whose local hour came in the quarter of an hour that ends at `at`, for each municipality by its own clock. */
export async function enqueueDaily(db: DataSource, at: Date): Promise<void> {
  await db.transaction(async (tx) => {
    for (const { rootId, zone } of await municipalities(tx)) {
      for (const [name, hour] of dailyJobs()) {
        if (!isHourAt(at, hour, zone)) continue;
        const payload = { rootId } as JobPayload<JobName>;
        await enqueue(tx, name, { payload, jobKey: `daily/${name}/${rootId}` });
      }
    }
  });
}

/** Whether the zone's clock comes to the hour in (at − 15 min, at]. */
export const isHourAt = (at: Date, hour: number, zone: string): boolean =>
  nextLocalHour(hour, zone, at.getTime() - DAILY_EVERY_MS) <= at.getTime();

const dailyJobs = (): [JobName, number][] =>
  ENTRIES.flatMap(([name, { timetable = [] }]) =>
    timetable.flatMap((line): [JobName, number][] => ('dailyAtHour' in line ? [[name, line.dailyAtHour]] : [])),
  );
