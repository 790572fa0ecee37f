import type { Type } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { JobName, JobPayload } from './payloads.js';

/** What a handler works with. */
export interface JobContext {
  db: DataSource;
  now: () => Date;
  /** A service of the application. */
  get: <T>(service: Type<T>) => T;
  /** Fires a few seconds after the process was asked to end: what takes long gives up, and is done again elsewhere. */
  signal: AbortSignal;
}

/**
 * Does a job. It throws to be tried again (after 3 s, 7 s, 20 s … up to six hours; 25 times, four days), and must bear being done twice: a
 * process may die between its work and the note that it is done.
 */
export type JobHandler<Name extends JobName> = (payload: JobPayload<Name>, context: JobContext) => Promise<void>;

/** When a job is done by itself: never twice at once, and a late one makes up for itself alone. */
export type Timetable<Name extends JobName> =
  | { everyMinutes: 1 | 5; payload: JobPayload<Name> }
  /** Once a day for each municipality as its clock comes to the hour; the payload takes its `rootId`. */
  | { dailyAtHour: number };

/** How a job is done, and when by itself. */
export interface JobEntry<Name extends JobName> {
  run: JobHandler<Name>;
  timetable?: readonly Timetable<Name>[];
}
