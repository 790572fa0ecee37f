import type { CoverageView, HourCountView, LiveDeviceView, MetricCountView, SignalView } from '#contracts';
import { type FamilyCode, hourStart, metricByCode } from '#domain';
import type { EntityManager } from 'typeorm';
import { coverageToday, type SeriesRow } from '../benefits/coverage.js';
import { aliveSince, type HourRow, hoursSince, type PageKey, placedSince, type PlacedRow } from './live.queries.js';
import { signalView } from './signal-view.js';
import { type Today, todayIn } from './today.js';

/** What every live page shows of use and devices. */
export interface UseParts {
  day: string;
  timeZone: string;
  totals: MetricCountView[];
  hours: HourCountView[];
  devices: LiveDeviceView[];
  coverage: CoverageView;
}

/** The rows that a page's parts are made of. */
export interface UseRows {
  zone: string;
  today: Today;
  placed: readonly PlacedRow[];
  hours: readonly HourRow[];
  series: readonly SeriesRow[];
}

/**
 * Today's use at a page's placements and the devices that stand there now. Use of a device that was moved away earlier
 * today stays in the page's totals: it belongs to the placement at its time (rule U8).
 */
export async function readUse(
  tx: EntityManager,
  page: PageKey,
  { zone, now }: { zone: string; now: Date },
): Promise<UseRows> {
  const today = todayIn(zone, now);
  const placed = await placedSince(tx, page, { since: today.since, now });
  const deviceKeys = placed.map(({ deviceKey }) => deviceKey);
  const [hours, alive] = await Promise.all([
    hoursSince(tx, placed, today.since),
    aliveSince(tx, deviceKeys, today.since),
  ]);
  return { zone, today, placed, hours, series: seriesOf(placed, alive) };
}

/** The series of placements, with the hours in which their devices gave a sign of life there. */
function seriesOf(placed: readonly PlacedRow[], alive: ReadonlyMap<number, number[]>): SeriesRow[] {
  return [...Map.groupBy(placed, ({ seriesId }) => seriesId).values()].map((placements) => {
    const ends = placements.map(({ endsAt }) => endsAt?.getTime() ?? Infinity);
    const to = Math.max(...ends);
    return {
      family: placements[0]!.family,
      from: new Date(Math.min(...placements.map(({ startsAt }) => startsAt.getTime()))),
      to: to === Infinity ? null : new Date(to),
      aliveHours: placements.flatMap((placement) => hoursThere(placement, alive.get(placement.deviceKey) ?? [])),
    };
  });
}

function hoursThere({ startsAt, endsAt }: PlacedRow, hours: readonly number[]): number[] {
  const [from, to] = [hourStart(startsAt.getTime()), endsAt?.getTime() ?? Infinity];
  return hours.filter((hour) => hour >= from && hour < to);
}

/** What stays as it was shown, since the rows it is made of were not read again: signals by placement. */
export interface KeptParts {
  coverage: CoverageView;
  signals: ReadonlyMap<string, SignalView>;
}

/** What a page shows of its rows at `now`. */
export function useParts({ zone, today, placed, hours, series }: UseRows, now: Date, kept?: KeptParts): UseParts {
  const used = usesOfToday(hours, placed, today);
  const usedByKey = Map.groupBy(used, ({ key }) => key);
  const standing = placed.filter(({ isNow }) => isNow);
  return {
    day: today.day,
    timeZone: zone,
    totals: totalsOf(used),
    hours: hoursOf(used),
    devices: standing.map((row) => ({
      ...shownAs(row),
      signal: kept?.signals.get(row.placementId) ?? signalView(row, now),
      today: totalsOf(usedByKey.get(row.key) ?? []),
    })),
    coverage: kept?.coverage ?? coverageToday(series, zone, now),
  };
}

/** The trials that devices stand at the page for now. */
export function trialsOf({ placed }: UseRows): string[] {
  const trials = placed.flatMap(({ isNow, purpose, trialId }) =>
    isNow && purpose === 'trial' && trialId ? [trialId] : [],
  );
  return [...new Set(trials)];
}

/** The hours that lie in today of the device's family. */
function usesOfToday(rows: readonly HourRow[], placed: readonly PlacedRow[], today: Today): Use[] {
  const familyOf = new Map(placed.map(({ key, family }) => [key, family]));
  return rows.flatMap((row) => {
    const family = familyOf.get(row.key);
    return family && row.hour.getTime() >= today.fromByFamily[family] ? [useOf(row)] : [];
  });
}

interface Use extends HourRow {
  family: FamilyCode;
  metric: string;
}

function useOf(row: HourRow): Use {
  const known = metricByCode(row.metricCode);
  if (!known) throw new Error(`Metric ${row.metricCode} was never given.`);
  return { ...row, family: known.family.code as FamilyCode, metric: known.metric.name };
}

const totalsOf = (used: readonly Use[]): MetricCountView[] =>
  grouped(used, ({ metricCode }) => metricCode).map((group) => {
    const { family, metric } = group[0]!;
    return { family, metric, count: total(group, 'count'), sum: total(group, 'sum'), manual: total(group, 'manual') };
  });

const hoursOf = (used: readonly Use[]): HourCountView[] =>
  grouped(used, ({ hour, metricCode }) => `${hour.getTime()} ${metricCode}`).map((group) => {
    const { hour, family, metric } = group[0]!;
    return { hour: hour.toISOString(), family, metric, count: total(group, 'count') };
  });

const grouped = <T>(rows: readonly T[], key: (row: T) => number | string): T[][] => [
  ...Map.groupBy(rows, key).values(),
];
const total = (rows: readonly Use[], field: 'count' | 'sum' | 'manual'): number =>
  rows.reduce((sum, row) => sum + row[field], 0);

const shownAs = (row: PlacedRow): Omit<LiveDeviceView, 'signal' | 'today'> => ({
  placementId: row.placementId,
  deviceId: row.deviceId,
  assetTag: row.assetTag,
  productName: row.productName,
  family: row.family,
  nodeName: row.nodeName,
  purpose: row.purpose,
});
