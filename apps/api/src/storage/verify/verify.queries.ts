import {
  COUNT_WAITING_DAYS,
  DAY_STARTS_BY_FAMILY,
  DIFFERING_DAYS,
  DIFFERING_HOURS,
  DIFFERING_MONTHS,
  DIMENSIONS_BY_METRIC,
  LOCK_CUSTODY,
  type MetricLists,
  rebuildHours,
  REFUSE_WITHOUT_RAW,
} from '#database';
import type { Day } from '#domain';
import type { EntityManager } from 'typeorm';
import type { PlacementDay } from '../../worker/worker.queries.js';

/** A roll-up row that is not what it is made of; null = there should be none, or there is none. */
export interface Difference {
  level: 'hour' | 'day' | 'month';
  deviceKey: number;
  placementKey: number;
  metric: number;
  dimensions: string;
  /** The hour's instant, the day, or the month's first day. */
  at: string;
  expected: { count: number; sum: string } | null;
  found: { count: number; sum: string } | null;
}

interface Row {
  placement_key: number;
  metric: number;
  dimensions: string;
  expected_count: number | null;
  expected_sum: string | null;
  found_count: number | null;
  found_sum: string | null;
}

const pair = (count: number | null, sum: string | null): Difference['found'] =>
  count === null || sum === null ? null : { count, sum };

const differenceOf = (row: Row, of: Pick<Difference, 'level' | 'deviceKey' | 'at'>): Difference => ({
  ...of,
  placementKey: row.placement_key,
  metric: row.metric,
  dimensions: row.dimensions,
  expected: pair(row.expected_count, row.expected_sum),
  found: pair(row.found_count, row.found_sum),
});

/** At most so many differences are read at once: a list of more helps nobody, and memory stays bounded. */
const DIFFERENCES_AT_ONCE = 1_000;

/** Hours of a device in [from, to), whole UTC hours, that are not what raw makes them. */
export async function differingHours(
  tx: EntityManager,
  deviceKey: number,
  { from, to }: { from: Date; to: Date },
): Promise<Difference[]> {
  const values = [deviceKey, from, to, DIMENSIONS_BY_METRIC, DIFFERENCES_AT_ONCE];
  const rows = await tx.query<(Row & { hour: Date })[]>(DIFFERING_HOURS.text, values);
  return rows.map((row) => differenceOf(row, { level: 'hour', deviceKey, at: row.hour.toISOString() }));
}

/** Local days [from, to). */
export interface DayRange {
  from: Day;
  to: Day;
}

/** Days of a device's placements that are not what hours make them. */
export async function differingDays(
  tx: EntityManager,
  deviceKey: number,
  { from, to, gauges, counters }: DayRange & MetricLists,
): Promise<Difference[]> {
  const values = [deviceKey, from, to, DAY_STARTS_BY_FAMILY, gauges, counters, DIFFERENCES_AT_ONCE];
  const rows = await tx.query<(Row & { day: string })[]>(DIFFERING_DAYS.text, values);
  return rows.map((row) => differenceOf(row, { level: 'day', deviceKey, at: row.day }));
}

/** Months of a device's placements that touch the days and are not what days make them. */
export async function differingMonths(
  tx: EntityManager,
  deviceKey: number,
  { from, to }: DayRange,
): Promise<Difference[]> {
  const rows = await tx.query<(Row & { month: string })[]>(DIFFERING_MONTHS.text, [
    deviceKey,
    from,
    to,
    DIFFERENCES_AT_ONCE,
  ]);
  return rows.map((row) => differenceOf(row, { level: 'month', deviceKey, at: row.month }));
}

/** How many of a device's placement-days wait for the worker: they are made again anyway. */
export async function waitingDays(tx: EntityManager, deviceKey: number, { from, to }: DayRange): Promise<number> {
  const [row] = await tx.query<{ waiting: number }[]>(COUNT_WAITING_DAYS.text, [deviceKey, from, to]);
  return row?.waiting ?? 0;
}

/** The devices with usage or roll-ups to look at, in the order of their keys, `limit` after a key. */
export async function devicesAfter(tx: EntityManager, after: number, limit: number): Promise<{ key: number }[]> {
  return tx.query(/* sql */ `select key from device where key > $1 order by key limit $2`, [after, limit]);
}

/** A device by its public id, its asset tag or its id. */
export async function deviceNamed(tx: EntityManager, name: string): Promise<{ key: number }[]> {
  return tx.query(
    /* sql */ `select key from device
    where public_id = $1 or lower(asset_tag) = lower($1) or id::text = $1 order by key`,
    [name],
  );
}

/** Makes a device's hours again from raw, batches being shut out until the transaction ends; 23001 where raw is gone. */
export async function rebuildDeviceHours(tx: EntityManager, deviceKey: number, hours: readonly Date[]): Promise<void> {
  await tx.query(LOCK_CUSTODY.text);
  for (const hour of hours) {
    const range = [hour, new Date(hour.getTime() + 3_600_000)];
    await tx.query(REFUSE_WITHOUT_RAW.text, [deviceKey, ...range]);
    await rebuildHours(tx, deviceKey, range);
  }
}

/** The placement-days that a device's hours lie in. */
export async function daysOfDeviceHours(
  tx: EntityManager,
  deviceKey: number,
  hours: readonly Date[],
): Promise<PlacementDay[]> {
  return tx.query(
    /* sql */ `select distinct p.key as "placementKey",
      local_day(g.hour, r.time_zone, coalesce(($3::jsonb ->> pr.family)::int, 0))::text as day
    from unnest($2::timestamptz[]) as g(hour)
    join device d on d.key = $1::int
    join placement p on p.device_id = d.id and p.starts_at < g.hour + interval '1 hour'
      and (p.ends_at is null or p.ends_at > g.hour)
    join product pr on pr.id = d.product_id
    join org_node r on r.id = p.root_id`,
    [deviceKey, hours, DAY_STARTS_BY_FAMILY],
  );
}
