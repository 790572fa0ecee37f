import { isCounted } from './corrections.queries.js';
import type { Statement } from './statement.js';

/** Open sessions (flag 4) past their longest at $2; $1 the longest seconds by metric as JSON. */
const OVERDUE = /* sql */ `
  select u.device_key, u.at, u.message_key, l.seconds
  from usage u cross join lateral (select ($1::jsonb ->> u.metric::text)::float8 as seconds) l
  where (u.flags & 4) <> 0 and u.at >= usage_kept_from() and u.at + make_interval(secs => l.seconds) <= $2::timestamptz`;

/** Whether {@link CLOSE_SESSIONS} would find any at $2; $1 as there. Takes no lock. */
export const ARE_SESSIONS_OVERDUE: Statement = {
  name: 'are_sessions_overdue',
  text: /* sql */ `select exists (${OVERDUE}) as overdue`,
};

/**
 * Closes up to $3 open sessions that are past their family's maximum length at $2, at exactly that length, as estimated
 * (rule U3); the flags 4 = open and 8 = estimated. $1 the longest seconds by metric as JSON. Batches must be shut out
 * ({@link LOCK_CUSTODY}), and the hours of what it answers be made again in the same transaction.
 */
export const CLOSE_SESSIONS: Statement = {
  name: 'close_sessions',
  text: /* sql */ `
    with overdue as materialized (${OVERDUE} order by u.at limit $3::int)
    update usage u
    set until = u.at + make_interval(secs => o.seconds), value = o.seconds, flags = ((u.flags & ~4) | 8)::smallint
    from overdue o
    where u.device_key = o.device_key and u.at = o.at and u.message_key = o.message_key and (u.flags & 4) <> 0
    returning u.device_key, (extract(epoch from u.at) * 1000)::float8 as at_ms, u.placement_key`,
};

/** Removes the roll-up rows of devices ($1) in hours ($2), pair by pair. */
export const DELETE_TOUCHED_HOURS: Statement = {
  name: 'delete_touched_hours',
  text: /* sql */ `
    delete from usage_hour h using unnest($1::int[], $2::timestamptz[]) as g(device_key, hour)
    where h.device_key = g.device_key and h.hour = g.hour`,
};

/** Makes the same rows again from raw: {@link REBUILD_HOURS} for many devices; $3 the dimensions by metric. */
export const REBUILD_TOUCHED_HOURS: Statement = {
  name: 'rebuild_touched_hours',
  text: /* sql */ `
    insert into usage_hour (hour, device_key, placement_key, metric, dimensions, count, sum, last_at)
    select g.hour, g.device_key, coalesce(u.placement_key, 0), u.metric, d.key, count(*), sum(u.value::numeric), max(u.at)
    from unnest($1::int[], $2::timestamptz[]) as g(device_key, hour)
    cross join lateral (
      select * from usage u where u.device_key = g.device_key and u.at >= g.hour and u.at < g.hour + interval '1 hour'
        and u.value is not null and ${isCounted('u')}
      offset 0
    ) u
    cross join lateral (
      select coalesce(string_agg(coalesce(u.attributes ->> n.name, ''), '|' order by n.place), '') as key
      from jsonb_array_elements_text($3::jsonb -> u.metric::text) with ordinality as n(name, place)
    ) d
    group by 1, 2, 3, 4, 5`,
};

/** The zone and family of devices ($1), by which their days are told. */
export const READ_DEVICE_ZONES: Statement = {
  name: 'read_device_zones',
  text: /* sql */ `
    select d.key, r.time_zone as zone, p.family from device d
    join product p on p.id = d.product_id join org_node r on r.id = d.root_id
    where d.key = any($1::int[])`,
};

/** The keys of a municipality's ($1) next $3 devices after key $2. */
export const NEXT_DEVICES: Statement = {
  name: 'next_devices',
  text: /* sql */ `select key from device where root_id = $1::uuid and key > $2::int order by key limit $3::int`,
};

/**
 * Notes of devices ($1) that they used message keys at more than one time in [$2, $3) (rule U2): ids that repeat. What
 * cannot be told from a repeat (flag 2) is left out, its key says nothing. Two in all and one in a hundred at least: of a
 * device that speaks every second two keys of 32 bits are the same by chance on most days. Device by device, so that no
 * more than one device's day is held at a time.
 */
export const NOTE_REPEATING_IDS: Statement = {
  name: 'note_repeating_ids',
  text: /* sql */ `
    insert into device_signal as s (device_key, ids_repeat)
    select g.key, true from unnest($1::int[]) as g(key)
    where not exists (select from device_signal k where k.device_key = g.key and k.ids_repeat) and exists (
      select from usage u
      where u.device_key = g.key and u.at >= $2::timestamptz and u.at < $3::timestamptz and (u.flags & 2) = 0
      having count(*) - count(distinct u.message_key) >= greatest(2, count(*) / 100))
    order by 1
    on conflict (device_key) do update set ids_repeat = true
    returning device_key`,
};
