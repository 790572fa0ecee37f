import type { JobHandler } from '../jobs/job.js';
import { forgetGivenUpJobs } from '../jobs/jobs.queries.js';
import { forgetNotifications } from './raise/raise.queries.js';

const DAY_MS = 86_400_000;
/** Assumption: what was over a year ago is told by the log and the figures, not by a bell. */
const KEPT_DAYS = 365;
const GIVEN_UP_KEPT_DAYS = 30;

/** Removes a municipality's notifications of troubles that were over long ago, and jobs given up. */
export const forgetOld: JobHandler<'notifications.forget'> = async ({ rootId }, { db, now }) => {
  await db.transaction(async (tx) => {
    await forgetNotifications(tx, { rootId, until: new Date(now().getTime() - KEPT_DAYS * DAY_MS) });
    await forgetGivenUpJobs(tx, GIVEN_UP_KEPT_DAYS);
  });
};
