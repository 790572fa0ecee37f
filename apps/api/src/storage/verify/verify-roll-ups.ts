import { METRIC_LISTS } from '#database';
import { addDays, type Day } from '#domain';
import type { DataSource } from 'typeorm';
import { rawKeptFrom } from '../storage.queries.js';
import { repairHours, repairRollUps } from './repair.js';
import {
  type Difference,
  differingDays,
  differingHours,
  differingMonths,
  devicesAfter,
  deviceNamed,
  waitingDays,
} from './verify.queries.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Raw of one device is compared so many days at a time. */
const DAYS_AT_ONCE = 28;
const DEVICES_AT_ONCE = 500;
const FIRST_DAY = '1970-01-01' as Day;

/** What is asked for. Days are those of the municipality; for hours they are read as UTC. `to` is included. */
export interface Verification {
  now: Date;
  /** A device's public id, asset tag or id; all of them when absent. */
  device?: string | undefined;
  from?: Day | undefined;
  to?: Day | undefined;
  repair?: boolean | undefined;
}

/** What was found; differences are told as they are found, so that none is held in memory. */
export interface Verified {
  devices: number;
  differences: number;
  /** Of them, those that were there no more after the repair. */
  repaired: number;
  /** Days that the worker is to make again; they were not compared. */
  waitingDays: number;
  /** Hours were compared with raw from here on; null when no raw is kept. */
  hoursFrom: Date | null;
  /** The range asked for begins before that: its hours there cannot be proven any more. */
  isPartlyGone: boolean;
}

/** No device has that name. */
export class UnknownDevice extends Error {}

/**
 * Proves that hours equal raw usage, days equal hours and months equal days, exactly: counts, sums, first and last. Device
 * by device, each comparison in one statement, so that what is written meanwhile is never taken for a difference. With
 * `repair` what differs is made again, and compared again.
 */
export async function verifyRollUps(
  db: DataSource,
  asked: Verification,
  tell: (difference: Difference) => void,
): Promise<Verified> {
  const keptFrom = await rawKeptFrom(db.manager);
  const span = spanOf(asked, keptFrom);
  const isPartlyGone = asked.from !== undefined && (keptFrom === null || Date.parse(asked.from) < keptFrom.getTime());
  const verified = { devices: 0, differences: 0, repaired: 0, waitingDays: 0, hoursFrom: span.hours?.from ?? null };
  for await (const { key } of devices(db, asked.device)) {
    verified.devices += 1;
    verified.waitingDays += await waitingDays(db.manager, key, span.days);
    for await (const found of compare(db, key, span)) {
      found.forEach(tell);
      verified.differences += found.length;
      if (asked.repair) verified.repaired += await mend(db, key, found);
    }
  }
  return { ...verified, isPartlyGone };
}

interface Span {
  /** Whole UTC hours, null when none of their raw is kept. */
  hours: { from: Date; to: Date } | null;
  /** Local days [from, to). */
  days: { from: Day; to: Day };
}

function spanOf({ from, to, now }: Verification, keptFrom: Date | null): Span {
  const until = to === undefined ? undefined : addDays(to, 1);
  const since = Math.max(from === undefined ? 0 : Date.parse(from), keptFrom?.getTime() ?? Infinity);
  const end = until === undefined ? now.getTime() + DAY_MS : Date.parse(until);
  return {
    hours: since < end ? { from: new Date(since), to: new Date(Math.ceil(end / HOUR_MS) * HOUR_MS) } : null,
    days: {
      from: from ?? FIRST_DAY,
      to: until ?? new Date(now.getTime() + 2 * DAY_MS).toISOString().slice(0, 10),
    },
  };
}

async function* devices(db: DataSource, name: string | undefined): AsyncGenerator<{ key: number }> {
  if (name !== undefined) {
    const named = await deviceNamed(db.manager, name);
    if (named.length === 0)
      throw new UnknownDevice(`No device is called ${name}: give its id, public id or asset tag.`);
    return yield* named;
  }
  for (let after = 0; ;) {
    const some = await devicesAfter(db.manager, after, DEVICES_AT_ONCE);
    if (some.length === 0) return;
    yield* some;
    after = some.at(-1)!.key;
  }
}

/** Hours before days before months: what is repaired of one is right before the next is compared with it. */
async function* compare(db: DataSource, deviceKey: number, { hours, days }: Span): AsyncGenerator<Difference[]> {
  for (
    let from = hours?.from.getTime() ?? Infinity;
    hours && from < hours.to.getTime();
    from += DAYS_AT_ONCE * DAY_MS
  ) {
    const to = new Date(Math.min(from + DAYS_AT_ONCE * DAY_MS, hours.to.getTime()));
    yield await differingHours(db.manager, deviceKey, { from: new Date(from), to });
  }
  yield await differingDays(db.manager, deviceKey, { ...days, ...METRIC_LISTS });
  yield await differingMonths(db.manager, deviceKey, days);
}

/** How many of the differences are no more. */
async function mend(db: DataSource, deviceKey: number, found: readonly Difference[]): Promise<number> {
  const [first] = found;
  if (!first) return 0;
  if (first.level === 'hour') return repairHours(db, deviceKey, found);
  return repairRollUps(db, deviceKey, found);
}
