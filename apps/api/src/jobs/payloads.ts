import { SETTLED_KINDS } from '#database';
import { z } from 'zod';

/**
 * Every job by its name, with what it is told. Payloads lie in the database until the job is done: ids and times, never
 * secrets or people's details. A new job is an entry here and its handler in registry.ts.
 */
export const JOB_PAYLOADS = {
  /** Mails a person their invitation or a link to a new password; the link itself is made when the mail leaves. */
  'identity.mail_link': z.object({
    userId: z.uuid(),
    createdById: z.uuid(),
    expiresAt: z.iso.datetime(),
  }),
  /** Removes what is long over, each municipality in its own night. */
  'notifications.forget': z.object({ rootId: z.uuid() }),
  /** Mails a person all that is due to them by then. */
  'notifications.mail': z.object({ userId: z.uuid(), dueAt: z.iso.datetime() }),
  /** Opens and closes the notifications of failing jobs. */
  'notifications.settle_jobs': z.object({}),
  /** Opens and closes the notifications of one kind by what the database shows. */
  'notifications.settle': z.object({ kind: z.enum(SETTLED_KINDS) }),
  /** Rule K3: removes refused messages after 14 days. It is for the whole installation: a second night finds nothing. */
  'rejects.purge': z.object({ rootId: z.uuid() }),
  /** Makes the days of usage that was stored before there were days; nothing once it is done. */
  'storage.backfill': z.object({}),
  /** Closes open sessions that are past their family's longest. */
  'storage.close_sessions': z.object({}),
  /** Each municipality's night: what is over goes, ids that repeat are found. */
  'storage.night': z.object({ rootId: z.uuid() }),
  /** Says of files whose upload was broken off by the end of a process that they were not read. */
  'usage_imports.close_interrupted': z.object({}),
} as const satisfies Record<string, z.ZodObject>;

export type JobName = keyof typeof JOB_PAYLOADS;
export type JobPayload<Name extends JobName> = z.output<(typeof JOB_PAYLOADS)[Name]>;
