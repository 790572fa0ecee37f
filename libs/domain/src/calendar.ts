import { addDays, dayToMs, formatDay, type Day } from './calendar-date.js';
import { RuleViolation } from './errors.js';

/** A municipality's way of dividing time: its zone, and the local hour (0..23) at which a family's day starts. */
export interface DayDivision {
  readonly zone: string;
  readonly dayStartsAtHour: number;
}

/** The zone of a municipality that has chosen none. */
export const DEFAULT_TIME_ZONE = 'Europe/Stockholm';

const HOUR_MS = 3_600_000;
const QUARTER_MS = 900_000;
const CACHED_QUARTERS_MAX = 40_000;

interface ZoneClock {
  readonly format: Intl.DateTimeFormat;
  readonly offsetByQuarter: Map<number, number>;
}

const CLOCKS = new Map<string, ZoneClock>();

/** Whether a text names an IANA time zone that this runtime knows. */
export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function clockOf(zone: string): ZoneClock {
  const known = CLOCKS.get(zone);
  if (known !== undefined) return known;
  if (!isTimeZone(zone)) {
    throw new RuleViolation('time_zone_unknown', `"${zone}" is no time zone: write one as Europe/Stockholm.`, { zone });
  }
  const clock = { format: wallClockFormat(zone), offsetByQuarter: new Map<number, number>() };
  CLOCKS.set(zone, clock);
  return clock;
}

function wallClockFormat(zone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
}

/**
 * Milliseconds that the zone's wall clock is ahead of UTC at an instant. Remembered per quarter of an hour: zones change
 * their clocks on whole quarters, and asking Intl takes microseconds. Throws `time_zone_unknown`.
 */
export function zoneOffsetMs(instantMs: number, zone: string): number {
  const { format, offsetByQuarter } = clockOf(zone);
  const quarter = Math.floor(instantMs / QUARTER_MS);
  const known = offsetByQuarter.get(quarter);
  if (known !== undefined) return known;
  if (offsetByQuarter.size >= CACHED_QUARTERS_MAX) offsetByQuarter.clear();
  const offset = wallClockMs(format, quarter * QUARTER_MS) - quarter * QUARTER_MS;
  offsetByQuarter.set(quarter, offset);
  return offset;
}

function wallClockMs(format: Intl.DateTimeFormat, instantMs: number): number {
  const parts = new Map(format.formatToParts(instantMs).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

function wallMs(instantMs: number, zone: string): number {
  return instantMs + zoneOffsetMs(instantMs, zone);
}

/** The local date an instant belongs to; with a day starting at noon, a night belongs to the evening's date (U4). */
export function localDay(instantMs: number, zone: string, dayStartsAtHour = 0): Day {
  return formatDay(wallMs(instantMs, zone) - dayStartsAtHour * HOUR_MS);
}

/** The local hour of day, 0..23. */
export function localHour(instantMs: number, zone: string): number {
  return new Date(wallMs(instantMs, zone)).getUTCHours();
}

/** The instants `[from, to)` of a local date, 23 to 25 hours apart when clocks change (rule U4). */
export function dayBounds(day: Day, zone: string, dayStartsAtHour = 0): { from: number; to: number } {
  return {
    from: instantOfWall(dayToMs(day) + dayStartsAtHour * HOUR_MS, zone),
    to: instantOfWall(dayToMs(addDays(day, 1)) + dayStartsAtHour * HOUR_MS, zone),
  };
}

/**
 * The first instant whose wall clock shows the time. Where the clock jumps over it, the old clock is read on: for the
 * whole hours at which days start, that is the jump itself.
 */
function instantOfWall(wall: number, zone: string): number {
  const byOldClock = wall - zoneOffsetMs(wall - 24 * HOUR_MS, zone);
  if (wallMs(byOldClock, zone) === wall) return byOldClock;
  const byNewClock = wall - zoneOffsetMs(wall + 24 * HOUR_MS, zone);
  return wallMs(byNewClock, zone) === wall ? byNewClock : byOldClock;
}

/** The UTC hour an instant lies in: its first millisecond (rule U4: hours are UTC). */
export function hourStart(instantMs: number): number {
  return Math.floor(instantMs / HOUR_MS) * HOUR_MS;
}
