import type { JobContext } from '../../jobs/job.js';
import { closeUnended } from './imports.queries.js';

/** Far longer than 10 MiB take on a slow line. An upload that does end after it takes its own result all the same. */
const LONGEST_UPLOAD_MS = 3_600_000;
const FAULT = 'the upload was interrupted, and the rest was never read: upload the file again';

/** A process that is killed while it reads a file cannot say so itself: the import would be read for ever, unseen. */
export async function closeInterrupted(_payload: object, { db, now }: Pick<JobContext, 'db' | 'now'>): Promise<void> {
  await closeUnended(db.manager, { begunBefore: new Date(now().getTime() - LONGEST_UPLOAD_MS), fault: FAULT });
}
