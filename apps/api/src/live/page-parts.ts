import type { CoverageView, HourCountView, LiveDeviceView, MetricCountView } from '#contracts';
import { type FamilyCode, metricByCode } from '#domain';
import type { EntityManager } from 'typeorm';
import { placementSeries } from '../benefits/benefits.queries.js';
import { coverageToday } from '../benefits/coverage.js';
import { type HourRow, hoursSince, type PageKey, placedSince, type PlacedRow } from './live.queries.js';
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

/**
 * Today's use at a page's placements and the devices that stand there now, with the trials these are placed for. Use of a
 * device that was moved away earlier today stays in the page's totals: it belongs to the placement at its time (rule U8).
 */
export async function readUse(
  tx: EntityManager,
  page: PageKey,
  { zone, now }: { zone: string; now: Date },
): Promise<{ use: UseParts; trialIds: string[] }> {
  const today = todayIn(zone, now);
  const placed = await placedSince(tx, page, { since: today.since, now });
  const keys = placed.map(({ key }) => key);
  const [rows, series] = await Promise.all([hoursSince(tx, keys, today.since), placementSeries(tx, keys, today.since)]);
  const used = usesOfToday(rows, placed, today);
  const usedByKey = Map.groupBy(used, ({ key }) => key);
  const standing = placed.filter(({ isNow }) => isNow);
  const trials = standing.flatMap(({ purpose, trialId }) => (purpose === 'trial' && trialId ? [trialId] : []));
  const use = {
    day: today.day,
    timeZone: zone,
    totals: totalsOf(used),
    hours: hoursOf(used),
    devices: standing.map((row) => deviceView(row, usedByKey.get(row.key) ?? [], now)),
    coverage: coverageToday(series, zone, now),
  };
  return { use, trialIds: [...new Set(trials)] };
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
  grouped(used, ({ hour, metricCode }) => `${hour.toISOString()} ${metricCode}`).map((group) => {
    const { hour, family, metric } = group[0]!;
    return { hour: hour.toISOString(), family, metric, count: total(group, 'count') };
  });

const grouped = <T>(rows: readonly T[], key: (row: T) => number | string): T[][] => [
  ...Map.groupBy(rows, key).values(),
];
const total = (rows: readonly Use[], field: 'count' | 'sum' | 'manual'): number =>
  rows.reduce((sum, row) => sum + row[field], 0);

const deviceView = (row: PlacedRow, used: readonly Use[], now: Date): LiveDeviceView => ({
  placementId: row.placementId,
  deviceId: row.deviceId,
  assetTag: row.assetTag,
  productName: row.productName,
  family: row.family,
  nodeName: row.nodeName,
  purpose: row.purpose,
  signal: signalView(row, now),
  today: totalsOf(used),
});
