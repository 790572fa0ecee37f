import type { Statement } from './statement.js';

/** Takes what devices say of themselves; each fact moves forward in event time only. $1 device, $2 state, $3 its time,
 * $4 battery, $5 its time, $6 signal, $7 its time, $8 firmware, $9 its time. One row per device. */
export const RECORD_REPORTS: Statement = {
  name: 'record_reports',
  text: /* sql */ `
    insert into device_signal as s
      (device_key, state, state_at, battery, battery_at, signal_dbm, signal_at, firmware, firmware_at)
    select * from unnest(
      $1::int[], $2::text[], $3::timestamptz[], $4::smallint[], $5::timestamptz[],
      $6::smallint[], $7::timestamptz[], $8::text[], $9::timestamptz[])
    order by 1
    on conflict (device_key) do update set
      (state, state_at) = (
        select case when newer then excluded.state else s.state end, case when newer then excluded.state_at else s.state_at end
        from (select s.state_at is null or (excluded.state_at, excluded.state) > (s.state_at, s.state)) as n(newer)),
      (battery, battery_at) = (
        select case when newer then excluded.battery else s.battery end, case when newer then excluded.battery_at else s.battery_at end
        from (select s.battery_at is null or (excluded.battery_at, excluded.battery) > (s.battery_at, s.battery)) as n(newer)),
      (signal_dbm, signal_at) = (
        select case when newer then excluded.signal_dbm else s.signal_dbm end, case when newer then excluded.signal_at else s.signal_at end
        from (select s.signal_at is null or (excluded.signal_at, excluded.signal_dbm) > (s.signal_at, s.signal_dbm)) as n(newer)),
      (firmware, firmware_at) = (
        select case when newer then excluded.firmware else s.firmware end, case when newer then excluded.firmware_at else s.firmware_at end
        from (select s.firmware_at is null or (excluded.firmware_at, excluded.firmware) > (s.firmware_at, s.firmware)) as n(newer))`,
};

/** Takes what ingest noticed since the last time. $1 device, $2 connected (null = unchanged), $3 since when, $4 newest
 * event, $5 newest receipt, $6 clock skew in ms, $7 repeats not detectable, $8 ids repeat, $9 dropped attributes. */
export const RECORD_NOTICED: Statement = {
  name: 'record_noticed',
  text: /* sql */ `
    insert into device_signal as s
      (device_key, connected, connection_changed_at, last_at, last_received_at, clock_skew_ms, clock_skew_at,
       repeats_not_detectable, ids_repeat, dropped_attributes)
    select device_key, coalesce(connected, false), changed_at, last_at, last_received_at, skew,
      case when skew is not null then last_received_at end, not_detectable, ids_repeat, dropped
    from unnest(
      $1::int[], $2::boolean[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[],
      $6::bigint[], $7::boolean[], $8::boolean[], $9::bigint[]
    ) as g(device_key, connected, changed_at, last_at, last_received_at, skew, not_detectable, ids_repeat, dropped)
    order by device_key
    on conflict (device_key) do update set
      connected = case when excluded.connection_changed_at >= coalesce(s.connection_changed_at, '-infinity')
        then excluded.connected else s.connected end,
      connection_changed_at = greatest(s.connection_changed_at, excluded.connection_changed_at),
      last_at = greatest(s.last_at, excluded.last_at),
      last_received_at = greatest(s.last_received_at, excluded.last_received_at),
      clock_skew_ms = coalesce(excluded.clock_skew_ms, s.clock_skew_ms),
      clock_skew_at = coalesce(excluded.clock_skew_at, s.clock_skew_at),
      repeats_not_detectable = s.repeats_not_detectable or excluded.repeats_not_detectable,
      ids_repeat = s.ids_repeat or excluded.ids_repeat,
      dropped_attributes = s.dropped_attributes + excluded.dropped_attributes`,
};

/** No device is connected to a broker that starts or has stopped. $1 the instant. */
export const DISCONNECT_ALL: Statement = {
  name: 'disconnect_all',
  text: /* sql */ `
    update device_signal set connected = false, connection_changed_at = $1::timestamptz where connected`,
};

/** Makes up for noticed times that a crash took: the newest usage of the last day is in the roll-ups. */
export const RECONCILE_LAST_AT: Statement = {
  name: 'reconcile_last_at',
  text: /* sql */ `
    insert into device_signal as s (device_key, last_at, last_received_at)
    select device_key, max(last_at), max(last_at) from usage_hour h join device_life l using (device_key)
    where h.hour >= now() - interval '1 day' and h.hour <= now() + interval '1 hour'
      and l.day = (h.hour at time zone 'UTC')::date and l.hours & (1 << extract(hour from h.hour at time zone 'UTC')::int) <> 0
    group by device_key order by device_key
    on conflict (device_key) do update set
      last_at = greatest(s.last_at, excluded.last_at),
      last_received_at = greatest(s.last_received_at, excluded.last_received_at)
    where s.last_at is null or s.last_at < excluded.last_at`,
};
