import type { PoolClient } from 'pg';
import { HEARD, type HourRow, USE_METRICS } from './live.queries.js';
import type { SignalRow } from './signal-view.js';

/** An hour's use as `hoursSince` has it, but for what was entered by hand: that takes the raw rows to count. */
export type RecentHour = Omit<HourRow, 'manual'>;

/**
 * The use of placements in the hours from `since` on. It runs ten times a second for each page that is watched: named, so
 * that the connection plans it once; planning takes longer than reading.
 */
export async function recentHours(
  connection: PoolClient,
  placed: readonly { key: number; deviceKey: number }[],
  since: Date,
): Promise<RecentHour[]> {
  const { rows } = await connection.query<RecentHour>({
    name: 'live_recent_hours',
    text: RECENT_HOURS,
    values: [placed.map(({ deviceKey }) => deviceKey), placed.map(({ key }) => key), since, USE_METRICS],
  });
  return rows;
}

const RECENT_HOURS = /* sql */ `
  select h.placement_key as key, h.metric as "metricCode", h.hour, sum(h.count)::int as count, sum(h.sum)::float8 as sum
  from unnest($1::int[], $2::int[]) as g(device_key, placement_key) cross join lateral (
    select * from usage_hour h where h.device_key = g.device_key and h.placement_key = g.placement_key
      and h.hour >= $3 and h.metric = any($4::smallint[])
    offset 0
  ) h
  group by 1, 2, 3`;

/** What is last known of a device, but for what its family and its own row say. */
export type Heard = Omit<SignalRow, 'family' | 'expectedIntervalSeconds'>;

/** What is last known of devices; those that were never heard are left out. */
export async function signalsOf(
  connection: PoolClient,
  deviceKeys: readonly number[],
): Promise<(Heard & { deviceKey: number })[]> {
  const { rows } = await connection.query<Heard & { deviceKey: number }>({
    name: 'live_signals',
    text: `select s.device_key as "deviceKey", ${HEARD} from device_signal s where s.device_key = any($1::int[])`,
    values: [deviceKeys],
  });
  return rows;
}
