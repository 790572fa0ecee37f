import { isCounted } from './corrections.queries.js';
import type { Statement } from './statement.js';

/** A reading that is not set aside, with the newest decision of a person, and the placement that ends at its very instant. */
const READING = /* sql */ `
  select (extract(epoch from u.at) * 1000)::float8 as at_ms, u.message_key::text as id, u.value, u.placement_key,
    (select p.key from placement p where p.device_id = d.id and p.ends_at = u.at) as closes,
    (select c.decided from counter_correction c
      where c.device_id = d.id and c.metric = u.metric and c.at = u.at and c.message_key = u.message_key
      order by c.id desc limit 1) as decided
  from device d join usage u on u.device_key = d.key
  where d.key = $1::int and u.metric = $2::smallint and u.value is not null and ${isCounted('u')}`;

/** The $4 readings of a device's ($1) counter ($2) before $3, newest first; those that a person called wrong are left out. */
export const READINGS_BEFORE: Statement = {
  name: 'readings_before',
  text: /* sql */ `
    select * from (
      ${READING} and u.at < $3::timestamptz order by u.at desc, u.value desc, u.message_key desc limit $4::int + 50
    ) r where decided is distinct from 'glitch' limit $4::int`,
};

/** The readings of a device's ($1) counter ($2) in [$3, $4). */
export const READINGS_WITHIN: Statement = {
  name: 'readings_within',
  text: /* sql */ `${READING} and u.at >= $3::timestamptz and u.at < $4::timestamptz order by u.at, u.value, u.message_key`,
};

/** The first reading of a device's ($1) counter ($2) from $3 on that nobody called wrong. */
export const READING_AFTER: Statement = {
  name: 'reading_after',
  text: /* sql */ `
    select * from (
      ${READING} and u.at >= $3::timestamptz order by u.at, u.value, u.message_key limit 50
    ) r where decided is distinct from 'glitch' limit 1`,
};

/** The last accepted reading of a counter before $3, as its hours remember it: where raw does not reach back so far. */
export const READ_COUNTER_BASELINE: Statement = {
  name: 'read_counter_baseline',
  text: /* sql */ `
    select last_value as value, nullif(placement_key, 0) as placement_key from counter_hour
    where device_key = $1::int and metric = $2::smallint and hour < $3::timestamptz and last_at is not null
    order by last_at desc limit 1`,
};

/** Forgets a counter's hours in [$3, $4), before they are made again. */
export const DELETE_COUNTER_HOURS: Statement = {
  name: 'delete_counter_hours',
  text: /* sql */ `
    with flags as (
      delete from counter_flag where device_key = $1::int and metric = $2::smallint
        and at >= $3::timestamptz and at < $4::timestamptz
    )
    delete from counter_hour where device_key = $1::int and metric = $2::smallint
      and hour >= $3::timestamptz and hour < $4::timestamptz returning placement_key, hour`,
};

/**
 * A counter's hours: $1 device, $2 metric, then arrays: $3 hours, $4 placements (0 = nobody's), $5 differences, $6
 * resets, $7 glitches, $8 unconfirmed, $9 unsplit, $10 time and $11 value of the last accepted reading.
 */
export const STORE_COUNTER_HOURS: Statement = {
  name: 'store_counter_hours',
  text: /* sql */ `
    insert into counter_hour (device_key, metric, hour, placement_key, delta, resets, glitches, unconfirmed, unsplit,
      last_at, last_value)
    select $1::int, $2::smallint, g.* from unnest($3::timestamptz[], $4::int[], $5::numeric[], $6::int[], $7::int[],
      $8::int[], $9::int[], $10::timestamptz[], $11::float8[]) as g`,
};

/** Readings to be looked at: $1 device, $2 metric, then arrays: $3 times, $4 ids, $5 kinds, $6 values, $7 previous values. */
export const STORE_COUNTER_FLAGS: Statement = {
  name: 'store_counter_flags',
  text: /* sql */ `
    insert into counter_flag (device_key, metric, at, message_key, kind, value, previous)
    select $1::int, $2::smallint, g.* from unnest($3::timestamptz[], $4::bigint[], $5::text[], $6::float8[],
      $7::float8[]) as g`,
};

/**
 * The stretches of time of devices' counters that marked days touch, in whole UTC hours: $1 placements, $2 days, $3 the
 * families' day starts, $4 the counters' metrics. Nothing of before what raw is kept of.
 */
export const LIST_COUNTER_SPANS: Statement = {
  name: 'list_counter_spans',
  text: /* sql */ `
    with given as (
      select d.key as device_key,
        date_bin('1 hour', (g.day + make_interval(hours => s.starts)) at time zone r.time_zone, 'epoch') as from_at,
        date_bin('1 hour', (g.day + 1 + make_interval(hours => s.starts)) at time zone r.time_zone
          + interval '59 minutes', 'epoch') as to_at
      from unnest($1::int[], $2::date[]) as g(placement_key, day)
      join placement p on p.key = g.placement_key
      join device d on d.id = p.device_id
      join product pr on pr.id = d.product_id
      join org_node r on r.id = p.root_id
      cross join lateral (select coalesce(($3::jsonb ->> pr.family)::int, 0) as starts) s
    )
    select g.device_key, m.metric, (extract(epoch from greatest(min(g.from_at), usage_kept_from())) * 1000)::float8 as from_ms,
      (extract(epoch from max(g.to_at)) * 1000)::float8 as to_ms
    from (
      select *, sum(case when from_at <= before then 0 else 1 end) over (partition by device_key order by from_at) as island
      from (
        select *, max(to_at) over (partition by device_key order by from_at rows between unbounded preceding and 1 preceding)
          as before from given
      ) ordered
    ) g
    cross join unnest($4::smallint[]) as m(metric)
    where g.to_at > usage_kept_from() and exists (
      select from usage u where u.device_key = g.device_key and u.metric = m.metric and u.at >= g.from_at - interval '1 day'
        and u.at < g.to_at + interval '1 day')
    group by g.device_key, m.metric, g.island order by 1, 2, 3`,
};
