import { mailLink } from '../identity/mail-link.js';
import { purgeRejects } from '../inventory/rejects/purge-rejects.js';
import { mailDue } from '../notifications/mail/mail-due.js';
import { forgetOld } from '../notifications/forget-old.js';
import { settleJobs, settleKind } from '../notifications/raise/settle.js';
import { backfill, closeSessions, keepNight } from '../storage/storage-jobs.js';
import { closeInterrupted } from '../telemetry/imports/close-interrupted.js';
import type { JobEntry } from './job.js';
import type { JobName } from './payloads.js';

/** How each job is done, and when by itself. Its payload stands in payloads.ts. */
export const JOBS: { readonly [Name in JobName]: JobEntry<Name> } = {
  'identity.mail_link': { run: mailLink },
  'notifications.forget': { run: forgetOld, timetable: [{ dailyAtHour: 3 }] },
  'notifications.mail': { run: mailDue },
  'notifications.settle': {
    run: settleKind,
    timetable: [
      { everyMinutes: 1, payload: { kind: 'device_refused' } },
      { everyMinutes: 1, payload: { kind: 'lost_device_speaks' } },
      { everyMinutes: 1, payload: { kind: 'ingest_degraded' } },
      { everyMinutes: 5, payload: { kind: 'device_silent' } },
      { everyMinutes: 5, payload: { kind: 'battery_low' } },
    ],
  },
  'notifications.settle_jobs': { run: settleJobs, timetable: [{ everyMinutes: 1, payload: {} }] },
  'rejects.purge': {
    run: async (_payload, { db }) => void (await purgeRejects(db.manager)),
    timetable: [{ dailyAtHour: 3 }],
  },
  'storage.backfill': { run: backfill, timetable: [{ everyMinutes: 1, payload: {} }] },
  'storage.close_sessions': { run: closeSessions, timetable: [{ everyMinutes: 1, payload: {} }] },
  'storage.night': { run: keepNight, timetable: [{ dailyAtHour: 2 }] },
  'usage_imports.close_interrupted': { run: closeInterrupted, timetable: [{ everyMinutes: 5, payload: {} }] },
};
