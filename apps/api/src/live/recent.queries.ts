import { isCounted } from '#database';
import type { PoolClient } from 'pg';
import { HEARD, type HourRow, USE_METRICS } from './live.queries.js';
import type { SignalRow } from './signal-view.js';

/** A placement with its device. */
export interface PlacedKey {
  key: number;
  deviceKey: number;
}

/**
 * The use of placements in the hours from `since` on, as `hoursSince` has it. It runs ten times a second for each page that
 * is watched: named, so that the connection plans it once; planning takes longer than reading.
 */
export async function recentHours(
  connection: PoolClient,
  placed: readonly PlacedKey[],
  since: Date,
): Promise<HourRow[]> {
  const { rows } = await connection.query<HourRow>({
    name: 'live_recent_hours',
    text: RECENT_HOURS,
    values: [placed.map(({ key }) => key), placed.map(({ deviceKey }) => deviceKey), since, USE_METRICS],
  });
  return rows;
}

const RECENT_HOURS = /* sql */ `
  select h.placement_key as key, h.metric as "metricCode", h.hour, sum(h.count)::int as count, sum(h.sum)::float8 as sum,
    (select count(*)::int from usage u where u.device_key = g.device_key and u.placement_key = g.key and u.metric = h.metric
      and u.at >= h.hour and u.at < h.hour + interval '1 hour' and (u.flags & 16) <> 0 and u.value is not null
      and ${isCounted('u')}) as manual
  from unnest($1::int[], $2::int[]) as g(key, device_key)
  join usage_hour h on h.placement_key = g.key and h.hour >= $3 and h.metric = any($4::smallint[])
  group by g.key, g.device_key, h.placement_key, h.metric, h.hour`;

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
