import { dayToMs, isDay, zoneOffsetMs } from '#domain';

/** A number as people write it: `12`, `1 234,5` (also with no-break spaces), `-0.5`; null when it is none. */
export function parseNumber(cell: string): number | null {
  const text = cell.replace(/(?<=\d)[ \u00a0\u202f](?=\d{3}(\D|$))/g, '').replace(',', '.');
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$/.test(text)) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

const YES = ['ja', 'yes', 'true', 'sant', '1'];
const NO = ['nej', 'no', 'false', 'falskt', '0'];

/** A yes or no in Swedish or English; null when it is neither. */
export function parseYesNo(cell: string): boolean | null {
  const word = cell.toLowerCase();
  if (YES.includes(word)) return true;
  return NO.includes(word) ? false : null;
}

/** Date, then time of day: `2026-11-20 14:05`, `20261120 14.05.30`, `20/11/2026 14:05`, `20.11.2026 kl 14.05`. */
const WALL =
  /^(?:(\d{4})-?(\d\d)-?(\d\d)|(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}))(?:[T ]|,? kl\.? ?)\s*(\d{1,2})[:.](\d\d)(?:[:.](\d\d)(?:[.,]\d{1,6})?)?$/;
/** With an offset of its own the time needs no zone. */
const INSTANT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

/** What a cell says about a time. */
export type CellTime = { readonly atMs: number } | { readonly fault: 'unreadable' | 'no_time_of_day' | 'skipped_hour' };

/**
 * The instant that a cell means: with an offset as it stands, else by the clocks of the zone. Day comes before month.
 * In the hour that comes twice in autumn it is the first; the one that spring skips does not exist.
 */
export function parseTime(cell: string, zone: string): CellTime {
  if (INSTANT.test(cell)) {
    const atMs = Date.parse(cell.replace(' ', 'T'));
    return Number.isNaN(atMs) ? { fault: 'unreadable' } : { atMs };
  }
  const parts = WALL.exec(cell);
  if (parts) return instantOf(parts, zone);
  const isDate = /^(\d{4}-?\d\d-?\d\d|\d{1,2}[/.-]\d{1,2}[/.-]\d{4})$/.test(cell);
  return { fault: isDate ? 'no_time_of_day' : 'unreadable' };
}

const DAY_MS = 86_400_000;

function instantOf(parts: RegExpExecArray, zone: string): CellTime {
  const [, year, month, date, dateFirst, monthFirst, yearLast, hour, minute, second = '0'] = parts;
  const two = (text = ''): string => text.padStart(2, '0');
  const day = `${year ?? yearLast}-${two(month ?? monthFirst)}-${two(date ?? dateFirst)}`;
  if (!isDay(day) || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return { fault: 'unreadable' };
  const wall = dayToMs(day) + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000;
  const candidates = [wall - DAY_MS, wall + DAY_MS].map((near) => wall - zoneOffsetMs(near, zone));
  const real = candidates.filter((instant) => instant + zoneOffsetMs(instant, zone) === wall);
  return real.length > 0 ? { atMs: Math.min(...real) } : { fault: 'skipped_hour' };
}

/**
 * A cell for a CSV file that somebody opens in a spreadsheet: quoted, and with an apostrophe before what the program
 * would take for a formula (= + - @, a tab or a line break first).
 */
export function safeCell(text: string): string {
  const guarded = /^\s*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${guarded.replaceAll('"', '""')}"`;
}
