import { USAGE_FLAGS } from '#contracts';
import { dayBounds, localDay, dayToMs, type Family } from '#domain';
import type { TimedUsage, UsageDraft } from '#telemetry';
import { placementAt, type Custody, type Device } from '../custody.js';
import type { Entry } from './entry.js';

/** A usage ready for its table. Mutable: messages with the same key are merged into one row (rule U3). */
export interface Row {
  readonly entry: Entry;
  readonly device: Device;
  readonly draft: UsageDraft;
  /** The message's name as it is stored: the lower half of its hash. */
  readonly key: number;
  readonly atMs: number;
  untilMs: number | null;
  value: number | null;
  flags: number;
  attributes: string | null;
  dimensions: string;
  /** Whose usage it is by the custody that it was stored under (rule U8), null = unplaced. */
  placementKey: number | null;
}

/** Gives each row the placement valid at its time, by custody as it is now. */
export function placeRows(rows: readonly Row[], custody: Custody): void {
  for (const row of rows) row.placementKey = placementAt(custody.deviceByKey(row.device.key) ?? row.device, row.atMs);
}

/** The part of a usage that a repeat must share. */
export type Content = Pick<Row, 'untilMs' | 'value' | 'flags' | 'attributes'> & { readonly metric: number };

export function makeRow(entry: Entry, device: Device, timed: TimedUsage & { draft: UsageDraft }): Row {
  const { draft, atMs, untilMs, value, flags } = timed;
  const { key, attributes, dimensions } = draft;
  return {
    entry,
    device,
    draft,
    key: key.low,
    atMs,
    untilMs,
    value,
    flags,
    attributes,
    dimensions,
    placementKey: null,
  };
}

/** Rows of one key are equal under it; also the order in which every batch is written. */
export function compareRows(one: Row, other: Row): number {
  return one.device.key - other.device.key || one.atMs - other.atMs || one.key - other.key;
}

/**
 * What a second message under the same key means (rules U2, U3): nothing new (`repeat`), a session completed by an end
 * or by the attributes of its start (the combined content), or `other` content. Whichever comes first, the result is
 * the same.
 */
export function combine(stored: Content, given: Content, isSession: boolean): 'repeat' | 'other' | Content {
  if (stored.metric !== given.metric) return 'other';
  if (!isSession) {
    const isSame = stored.attributes === given.attributes && stored.value === given.value;
    return isSame ? 'repeat' : 'other';
  }
  if (stored.attributes !== null && given.attributes !== null && stored.attributes !== given.attributes) return 'other';
  const attributes = stored.attributes ?? given.attributes;
  const isStoredOpen = stored.untilMs === null || (stored.flags & USAGE_FLAGS.estimated) !== 0;
  if (given.untilMs === null || (!isStoredOpen && given.untilMs === stored.untilMs)) {
    return attributes === stored.attributes ? 'repeat' : { ...stored, attributes };
  }
  if (!isStoredOpen) return 'other';
  const flags = stored.flags & ~(USAGE_FLAGS.open | USAGE_FLAGS.estimated);
  return { ...stored, attributes, untilMs: given.untilMs, value: given.value, flags };
}

/** A local day of a zone and a day start, as days since 1970-01-01, and its bounds. */
interface LocalDay {
  readonly zone: string;
  readonly startsAtHour: number;
  readonly number: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Messages come mostly from today: the days last used, newest first. */
let recentDays: readonly LocalDay[] = [];
const RECENT_DAYS_KEPT = 16;

/** The municipality's day that a usage belongs to (rule U4), and the minutes left of it. */
export function dayOf(device: Device, atMs: number): { day: number; minutesLeft: number } {
  const { number, toMs } = findDay(device.timeZone, device.family, atMs);
  return { day: number, minutesLeft: Math.floor((toMs - atMs) / 60_000) };
}

function findDay(zone: string, { dayStartsAtHour: startsAtHour }: Family, atMs: number): LocalDay {
  for (const day of recentDays) {
    if (day.fromMs <= atMs && atMs < day.toMs && day.startsAtHour === startsAtHour && day.zone === zone) return day;
  }
  const day = localDay(atMs, zone, startsAtHour);
  const { from, to } = dayBounds(day, zone, startsAtHour);
  const found = { zone, startsAtHour, number: dayToMs(day) / 86_400_000, fromMs: from, toMs: to };
  recentDays = [found, ...recentDays].slice(0, RECENT_DAYS_KEPT);
  return found;
}
