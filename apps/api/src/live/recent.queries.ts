import { prepared, type Statement } from '#database';
import type { EntityManager } from 'typeorm';
import { HEARD, type HourRow, type PlacedKeys, USE_METRICS } from './live.queries.js';
import type { SignalRow } from './signal-view.js';

/** An hour's use as `hoursSince` has it, but for what was entered by hand: that takes the raw rows to count. */
export type RecentHour = Omit<HourRow, 'manual'>;

/** The use of placements in the hours from `since` on; asked ten times a second for each page that is watched. */
export function recentHours(tx: EntityManager, placed: readonly PlacedKeys[], since: Date): Promise<RecentHour[]> {
  const values = [placed.map(({ deviceKey }) => deviceKey), placed.map(({ key }) => key), since, USE_METRICS];
  return prepared(tx, RECENT_HOURS, values);
}

const RECENT_HOURS: Statement = {
  name: 'live_recent_hours',
  text: /* sql */ `
  select h.placement_key as key, h.metric as "metricCode", h.hour, sum(h.count)::int as count, sum(h.sum)::float8 as sum
  from unnest($1::int[], $2::int[]) as g(device_key, placement_key) cross join lateral (
    select * from usage_hour h where h.device_key = g.device_key and h.placement_key = g.placement_key
      and h.hour >= $3 and h.metric = any($4::smallint[])
    offset 0
  ) h
  group by 1, 2, 3`,
};

/** What is last known of a device, but for what its family and its own row say. */
export type Heard = Omit<SignalRow, 'family' | 'expectedIntervalSeconds'>;

/** What is last known of devices; those that were never heard are left out. */
export function signalsOf(
  tx: EntityManager,
  deviceKeys: readonly number[],
): Promise<(Heard & { deviceKey: number })[]> {
  return prepared(tx, SIGNALS, [deviceKeys]);
}

const SIGNALS: Statement = {
  name: 'live_signals',
  text: `select s.device_key as "deviceKey", ${HEARD} from device_signal s where s.device_key = any($1::int[])`,
};
