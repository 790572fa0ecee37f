import { hourStart } from '#domain';
import { dayOf, type Row } from './row.js';

/** One row of `usage_hour` to be made or added to. */
export interface HourRow {
  readonly deviceKey: number;
  readonly hourMs: number;
  /** 0 = unplaced. */
  readonly placementKey: number;
  readonly metric: number;
  readonly dimensions: string;
  count: number;
  /** In millionths, a safe integer. */
  sumMicros: number;
  lastAtMs: number;
}

/** A placement-day to be evaluated again, and how near its end the latest of its usages lies. */
export interface TouchedDay {
  readonly placementKey: number;
  /** Days since 1970-01-01. */
  readonly day: number;
  minutesLeft: number;
}

/** What a batch of new rows adds up to. */
export interface RollUp {
  readonly hours: readonly HourRow[];
  readonly days: readonly TouchedDay[];
}

const MICROS = 1_000_000;
/** Sums stay exact and keep at most 15 digits, which is what PostgreSQL keeps of a double as well. */
const MAX_MICROS = 1e15;

/**
 * Rolls up rows that are placed and sorted by device and time. Null when a value has more than six decimals or is too large to be
 * added exactly here: the database then does it. Rows of one hour are neighbours, so the open hours are few.
 */
export function rollUp(rows: readonly Row[]): RollUp | null {
  const roll = { hours: [] as HourRow[], days: [] as TouchedDay[] };
  const open = { from: 0, days: 0 };
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows[index] as Row;
    const previous = rows[index - 1];
    const hourMs = hourStart(row.atMs);
    if (!previous || previous.device.key !== row.device.key) open.days = roll.days.length;
    if (!previous || previous.device.key !== row.device.key || hourStart(previous.atMs) !== hourMs) {
      open.from = roll.hours.length;
    }
    if (row.value !== null && !addToHour(roll.hours, { row, hourMs, from: open.from })) return null;
    if (row.placementKey !== null && row.draft.metric.kind !== 'gauge') {
      touchDay(roll.days, { row, placementKey: row.placementKey, from: open.days });
    }
  }
  return roll;
}

function addToHour(hours: HourRow[], { row, hourMs, from }: { row: Row; hourMs: number; from: number }): boolean {
  const placementKey = row.placementKey ?? 0;
  const value = row.value as number;
  const micros = Math.round(value * MICROS);
  if (micros / MICROS !== value || Math.abs(micros) > MAX_MICROS) return false;
  const metric = row.draft.metric.code;
  for (let index = from; index < hours.length; index += 1) {
    const hour = hours[index] as HourRow;
    if (hour.metric !== metric || hour.placementKey !== placementKey || hour.dimensions !== row.dimensions) continue;
    return addValue(hour, row.atMs, micros);
  }
  hours.push({
    deviceKey: row.device.key,
    hourMs,
    placementKey,
    metric,
    dimensions: row.dimensions,
    count: 1,
    sumMicros: micros,
    lastAtMs: row.atMs,
  });
  return true;
}

/** Rows come in the order of time. */
function addValue(hour: HourRow, atMs: number, micros: number): boolean {
  hour.count += 1;
  hour.sumMicros += micros;
  hour.lastAtMs = atMs;
  return Math.abs(hour.sumMicros) <= MAX_MICROS;
}

/** Later rows lie nearer the day's end. */
function touchDay(days: TouchedDay[], given: { row: Row; placementKey: number; from: number }): void {
  const { row, placementKey, from } = given;
  const { day, minutesLeft } = dayOf(row.device, row.atMs);
  for (let index = days.length - 1; index >= from; index -= 1) {
    const known = days[index] as TouchedDay;
    if (known.placementKey !== placementKey || known.day !== day) continue;
    known.minutesLeft = Math.min(known.minutesLeft, minutesLeft);
    return;
  }
  days.push({ placementKey, day, minutesLeft });
}
