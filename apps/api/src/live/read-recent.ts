import { hourStart } from '#domain';
import type { EntityManager } from 'typeorm';
import type { HourRow, PlacedRow } from './live.queries.js';
import { type KeptParts, type UseRows, useParts } from './page-parts.js';
import type { PageContent, PageReading } from './read-page.js';
import { type RecentHour, recentHours, signalsOf } from './recent.queries.js';
import { isSameToday, todayIn } from './today.js';

/** A message younger than this is one of now. */
const RECENT_MS = 10 * 60_000;

/** Placements, by their keys, whose use or signal is no longer as it was read; or too many to name. */
export interface Changed {
  usage: ReadonlySet<number>;
  signal: ReadonlySet<number>;
  isTooMany: boolean;
}

/**
 * A reading brought up to date in what messages of now change: the use of the hour, and signals, of the placements named.
 * Everything else stays as it was read, and so does how much was entered by hand. Null when that is not enough: another day
 * has begun, or a placement is new to the page.
 */
export async function readRecent(
  tx: EntityManager,
  { content, rows }: PageReading,
  { now, changed }: { now: Date; changed: Changed },
): Promise<PageReading | null> {
  const [used, heard] = [placedOf(rows, changed, 'usage'), placedOf(rows, changed, 'signal')];
  if (!used || !heard || !isSameToday(rows.today, todayIn(rows.zone, now))) return null;
  const hours = await readHours(tx, rows, { placed: used, now });
  const recent = { ...rows, hours, placed: await readSignals(tx, rows, heard) };
  const kept = keptParts(content, new Set(heard.map(({ placementId }) => placementId)));
  return { rows: recent, content: { ...content, asOf: now.toISOString(), ...useParts(recent, now, kept) } };
}

function keptParts({ coverage, devices }: PageContent, heard: ReadonlySet<string>): KeptParts {
  const unheard = devices.filter(({ placementId }) => !heard.has(placementId));
  return { coverage, signals: new Map(unheard.map(({ placementId, signal }) => [placementId, signal])) };
}

/** The rows of the placements named; null when one of them is not among them. */
function placedOf({ placed }: UseRows, changed: Changed, kind: 'usage' | 'signal'): readonly PlacedRow[] | null {
  if (changed.isTooMany) return placed;
  const named = placed.filter(({ key }) => changed[kind].has(key));
  return named.length === changed[kind].size ? named : null;
}

async function readHours(
  tx: EntityManager,
  { hours }: UseRows,
  { placed, now }: { placed: readonly PlacedRow[]; now: Date },
): Promise<readonly HourRow[]> {
  if (placed.length === 0) return hours;
  const since = hourStart(now.getTime() - RECENT_MS);
  const keys = new Set(placed.map(({ key }) => key));
  const kept = hours.filter(({ key, hour }) => !keys.has(key) || hour.getTime() < since);
  const byHand = new Map(hours.map((row) => [nameOf(row), row.manual]));
  const recent = await recentHours(tx, placed, new Date(since));
  return [...kept, ...recent.map((row) => ({ ...row, manual: byHand.get(nameOf(row)) ?? 0 }))].sort(byHour);
}

const nameOf = ({ key, hour, metricCode }: RecentHour): string => `${key} ${metricCode} ${hour.getTime()}`;

const byHour = (one: HourRow, other: HourRow): number =>
  one.hour.getTime() - other.hour.getTime() || one.key - other.key || one.metricCode - other.metricCode;

async function readSignals(
  tx: EntityManager,
  { placed }: UseRows,
  named: readonly PlacedRow[],
): Promise<readonly PlacedRow[]> {
  if (named.length === 0) return placed;
  const signals = await signalsOf(
    tx,
    named.map(({ deviceKey }) => deviceKey),
  );
  const heard = new Map(signals.map(({ deviceKey, ...signal }) => [deviceKey, signal]));
  return placed.map((row) => ({ ...row, ...heard.get(row.deviceKey) }));
}
