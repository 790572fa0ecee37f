import { dayToMs, isDay, localDay, zoneOffsetMs } from '#domain';

const TIME = /^([01]?\d|2[0-3])[:.]([0-5]\d)$/;

/**
 * The instant of a wall-clock time in a zone, `null` when date or time is not whole. An hour that is skipped is taken
 * as if clocks had not gone forward; in an hour that comes twice it is the first.
 */
export function instantOf(day: string, time: string, zone: string): string | null {
  const parts = TIME.exec(time.trim());
  if (!isDay(day) || parts === null) return null;
  const wall = dayToMs(day) + (Number(parts[1]) * 60 + Number(parts[2])) * 60_000;
  const candidates = [wall - DAY_MS, wall + DAY_MS].map((near) => wall - zoneOffsetMs(near, zone));
  const real = candidates.filter((instant) => instant + zoneOffsetMs(instant, zone) === wall);
  return new Date(Math.min(...(real.length > 0 ? real : candidates))).toISOString();
}

const DAY_MS = 86_400_000;

/** The date and the time of day, HH:MM, that a clock in the zone shows at an instant; empty for none. */
export function wallClockOf(instant: string | null | undefined, zone: string): { day: string | null; time: string } {
  if (!instant) return { day: null, time: '' };
  const ms = Date.parse(instant);
  const local = new Date(ms + zoneOffsetMs(ms, zone)).toISOString();
  return { day: localDay(ms, zone), time: local.slice(11, 16) };
}
