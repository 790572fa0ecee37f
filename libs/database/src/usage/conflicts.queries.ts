import type { Statement } from './statement.js';

/** Shuts out every batch until the transaction ends: they all hold this row FOR SHARE. */
export const LOCK_CUSTODY: Statement = {
  name: 'lock_custody',
  text: /* sql */ `select version from custody_version for update`,
};

/** What is stored under keys ($1 devices, $2 times, $3 messages): `place` is the 1-based place of the key. */
export const READ_STORED: Statement = {
  name: 'read_stored',
  text: /* sql */ `
    select g.place::int, u.metric, u.value, u.flags, u.placement_key, u.attributes,
      (extract(epoch from u.until) * 1000)::float8 as until_ms
    from unnest($1::int[], $2::timestamptz[], $3::int[]) with ordinality as g(device_key, at, message_key, place)
    join usage u using (device_key, at, message_key)
    order by g.place`,
};

/** Completes a stored session (rule U3): $1 device, $2 time, $3 message, $4 end, $5 seconds, $6 flags, $7 attributes. */
export const COMPLETE_SESSION: Statement = {
  name: 'complete_session',
  text: /* sql */ `
    update usage set until = $4::timestamptz, value = $5::float8, flags = $6::smallint, attributes = $7::jsonb
    where device_key = $1::int and at = $2::timestamptz and message_key = $3::int`,
};

/** Marks placement-days, and the days after where a rule's window reaches them: $1 placements, $2 days, $3 minutes to the day's end. */
export const MARK_DAYS: Statement = {
  name: 'mark_days',
  text: /* sql */ `
    insert into dirty_day (placement_key, day)
    select placement_key, day from (
      select g.placement_key, g.day
      from unnest($1::int[], $2::date[], $3::int[]) as g(placement_key, day, minutes_left)
      union
      select g.placement_key, g.day + 1
      from unnest($1::int[], $2::date[], $3::int[]) as g(placement_key, day, minutes_left)
      where g.minutes_left <= (select max(deduplicate_minutes) from measurement_rule)
    ) touched
    where placement_key is not null and day is not null
    order by placement_key, day
    on conflict (placement_key, day, claimed) do update set claimed = false where false`,
};
