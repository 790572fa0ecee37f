import { RAW_DAYS } from '#contracts';
import { Refused } from '../refused.js';

const DAY_MS = 86_400_000;
/** A person's clock may be this much ahead of ours. */
const AHEAD_MS = 5 * 60_000;

/** Custody may be back-dated as far as raw usage is kept, since the usage in between moves with it (rule D7). */
export function assertWithinKeptUsage(at: Date, now: Date): void {
  if (at.getTime() >= now.getTime() - RAW_DAYS * DAY_MS) return;
  throw new Refused(
    'time_before_kept_usage',
    `Usage is kept for ${RAW_DAYS} days, so that custody cannot change before that: choose a later time than ${at.toISOString()}.`,
  );
}

/** A placement says where a device stands, not where it is meant to. */
export function assertNotAhead(at: Date, now: Date): void {
  if (at.getTime() <= now.getTime() + AHEAD_MS) return;
  throw new Refused('time_in_future', `${at.toISOString()} has not come yet: place the device when it stands there.`);
}
