import { RuleViolation } from './errors.js';

/** A calendar date without time or zone, `YYYY-MM-DD`. */
export type Day = string;

const DAY_MS = 86_400_000;
/** Dates are asked for again and again, and their text is slow to read and to write; this many last a century. */
const REMEMBERED_DAYS_MAX = 40_000;
const MS_BY_DAY = new Map<Day, number>();
const DAY_BY_NUMBER = new Map<number, Day>();
const PATTERN = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Whether a text is a date that exists, written `YYYY-MM-DD` (2026-02-30 does not). */
export function isDay(text: string): boolean {
  if (!PATTERN.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  // A day that the month does not have runs over into the next one.
  return new Date(ms).getUTCDate() === Number(text.slice(8));
}

/** Returns the date, or throws `date_not_real`; `where` names the field in the message. */
export function assertDay(day: string, where: string): Day {
  if (isDay(day)) return day;
  throw new RuleViolation('date_not_real', `${where} is "${day}": write a date that exists, as YYYY-MM-DD.`, {
    field: where,
    value: day,
  });
}

/** The date's midnight as if it were UTC, in milliseconds: for arithmetic on dates only, it is no instant. */
export function dayToMs(day: Day): number {
  return remembered(MS_BY_DAY, day, () => Date.parse(`${assertDay(day, 'day')}T00:00:00Z`));
}

/** The inverse of {@link dayToMs}. */
export function formatDay(ms: number): Day {
  return remembered(DAY_BY_NUMBER, Math.floor(ms / DAY_MS), () => new Date(ms).toISOString().slice(0, 10));
}

function remembered<Key, Value>(known: Map<Key, Value>, key: Key, compute: () => Value): Value {
  const found = known.get(key);
  if (found !== undefined) return found;
  const value = compute();
  if (known.size >= REMEMBERED_DAYS_MAX) known.clear();
  known.set(key, value);
  return value;
}

/** The date `days` later (earlier when negative). */
export function addDays(day: Day, days: number): Day {
  return formatDay(dayToMs(day) + days * DAY_MS);
}

/** Whole days from one date to another; negative when `to` comes first. */
export function daysBetween(from: Day, to: Day): number {
  return Math.round((dayToMs(to) - dayToMs(from)) / DAY_MS);
}

/** Every date in `[from, to)`, in order. */
export function listDays(from: Day, to: Day): Day[] {
  const first = dayToMs(from);
  return Array.from({ length: Math.max(0, daysBetween(from, to)) }, (_, index) => formatDay(first + index * DAY_MS));
}

/** The date `months` later; the 31st becomes the last day of a shorter month. */
export function addMonths(day: Day, months: number): Day {
  const date = new Date(dayToMs(day));
  const month = date.getUTCMonth() + months;
  const first = Date.UTC(date.getUTCFullYear(), month, 1);
  const daysInMonth = new Date(Date.UTC(date.getUTCFullYear(), month + 1, 0)).getUTCDate();
  return formatDay(first + (Math.min(date.getUTCDate(), daysInMonth) - 1) * DAY_MS);
}

/** Completed months from one date to another: 15 Jan to 14 Mar is 1, to 15 Mar is 2; negative when `to` comes first. */
export function wholeMonthsBetween(from: Day, to: Day): number {
  const start = new Date(dayToMs(from));
  const end = new Date(dayToMs(to));
  const months = (end.getUTCFullYear() - start.getUTCFullYear()) * 12 + end.getUTCMonth() - start.getUTCMonth();
  return addMonths(from, months) > to ? months - 1 : months;
}
