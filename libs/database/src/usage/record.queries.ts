import { addLife } from './life.queries.js';
import type { Statement } from './statement.js';

/** An hour row takes more of the same hour. */
const ADD_TO_HOUR = /* sql */ `on conflict (device_key, placement_key, hour, metric, shard, dimensions) do update set
        count = h.count + excluded.count,
        sum = h.sum + excluded.sum,
        last_at = greatest(h.last_at, excluded.last_at)`;

/**
 * A mark that exists is left as it is: a look at an index, where locking it would be a write. The worker waits, between
 * claiming marks and reading usage, for every batch that may have seen them; batches hold the custody version so long.
 */
const MARK_ONCE = /* sql */ `order by placement_key, day
      on conflict do nothing`;

/**
 * Stores a batch of usages, exactly once in effect: raw rows, the roll-up of those that are new, marks for the
 * placement-days that must be evaluated again, signs of life. All of it in one statement, so one round trip and one
 * commit; nothing at all when the custody version is no longer $1 (structural rule 4).
 *
 * Give the rows sorted by device, time and message (two workers with the same keys then wait instead of deadlocking)
 * and every key once. `conflicts` are the 1-based places of rows that were stored before, null = none.
 *
 * The day after is marked too when some rule's window reaches over the day's end (rule B5).
 */
export const RECORD_USAGE: Statement = {
  name: 'record_usage',
  text: /* sql */ `
    with guard as materialized (
      select version from custody_version for share
    ),
    given as materialized (
      select * from unnest(
        $3::int[], $4::timestamptz[], $5::int[], $6::timestamptz[], $7::timestamptz[], $8::float8[],
        $9::int[], $10::smallint[], $11::smallint[], $12::text[], $13::text[], $14::date[], $15::int[]
      ) with ordinality as g(
        device_key, at, message_key, received_at, until, value,
        placement_key, metric, flags, attributes, dimensions, day, minutes_left, place)
      where (select version from guard) = $1::bigint
    ),
    added as (
      insert into usage (at, message_key, received_at, until, value, device_key, placement_key, metric, flags, attributes)
      select at, message_key, received_at, until, value, device_key, placement_key, metric, flags, attributes::jsonb
      from given
      on conflict do nothing
      returning device_key, at, message_key
    ),
    fresh as materialized (
      select g.* from added a join given g using (device_key, at, message_key)
    ),
    hours as (
      insert into usage_hour as h
        (hour, device_key, placement_key, metric, shard, dimensions, count, sum, last_at)
      select date_bin('1 hour', at, 'epoch') as hour, device_key, coalesce(placement_key, 0), metric, $18::smallint,
        dimensions, count(*), sum(value::numeric), max(at)
      from fresh where value is not null
      group by 2, 1, 3, 4, 6
      order by 2, 1, 3, 4, 6
      ${ADD_TO_HOUR}
    ),
    marks as (
      insert into dirty_day (placement_key, day)
      select placement_key, day from (
        select placement_key, day from fresh
        where placement_key is not null and day is not null
        union
        select placement_key, day + 1 from fresh
        where placement_key is not null and day is not null
          and minutes_left <= (select max(deduplicate_minutes) from measurement_rule)
      ) touched
      ${MARK_ONCE}
    ),
    life as (${addLife('$16', '$17', '(select version from guard) = $1::bigint')})
    select (select version from guard) as version,
      case when (select count(*) from added) = $2::int then null else (
        select array_agg(place::int order by place) from given g
        where not exists (
          select from added a
          where a.device_key = g.device_key and a.at = g.at and a.message_key = g.message_key)
      ) end as conflicts`,
};

/**
 * Stores a batch of usages that nobody has stored before, with the roll-ups already made: half the price of
 * {@link RECORD_USAGE}, because nothing has to be found out. A key that was stored before fails the whole statement
 * (23505) and leaves nothing behind. Returns the custody version; nothing is stored when it is no longer $1.
 *
 * $2–$11 the rows, $12–$19 the hour rows that exactly these rows make, $20–$22 the placement-days that they touch with
 * the least minutes left of the day, $23–$24 new signs of life, $25 the writer's shard.
 */
export const RECORD_NEW_USAGE: Statement = {
  name: 'record_new_usage',
  text: /* sql */ `
    with guard as materialized (
      select version from custody_version for share
    ),
    added as (
      insert into usage (device_key, at, message_key, received_at, until, value, placement_key, metric, flags, attributes)
      select device_key, at, message_key, received_at, until, value, placement_key, metric, flags, attributes::jsonb
      from unnest(
        $2::int[], $3::timestamptz[], $4::int[], $5::timestamptz[], $6::timestamptz[], $7::float8[],
        $8::int[], $9::smallint[], $10::smallint[], $11::text[]
      ) as g(device_key, at, message_key, received_at, until, value, placement_key, metric, flags, attributes)
      where (select version from guard) = $1::bigint
    ),
    hours as (
      insert into usage_hour as h
        (device_key, hour, placement_key, metric, dimensions, count, sum, last_at, shard)
      select device_key, hour, placement_key, metric, dimensions, count, sum::numeric, last_at, $25::smallint
      from unnest(
        $12::int[], $13::timestamptz[], $14::int[], $15::smallint[], $16::text[], $17::int[], $18::text[], $19::timestamptz[]
      ) as g(device_key, hour, placement_key, metric, dimensions, count, sum, last_at)
      where (select version from guard) = $1::bigint
      ${ADD_TO_HOUR}
    ),
    marks as (
      insert into dirty_day (placement_key, day)
      select placement_key, day from (
        select placement_key, day from unnest($20::int[], $21::date[]) as g(placement_key, day)
        union
        select placement_key, day + 1 from unnest($20::int[], $21::date[], $22::int[]) as g(placement_key, day, minutes_left)
        where minutes_left <= (select max(deduplicate_minutes) from measurement_rule)
      ) touched
      where (select version from guard) = $1::bigint
      ${MARK_ONCE}
    ),
    life as (${addLife('$23', '$24', '(select version from guard) = $1::bigint')})
    select version from guard`,
};

/** Takes ids that come without a time into the ledger (rule U1): $1 devices, $2 messages, $3 times if they are new. */
export const ENTER_LEDGER: Statement = {
  name: 'enter_ledger',
  text: /* sql */ `
    insert into usage_ledger (device_key, message_key, at)
    select * from unnest($1::int[], $2::bigint[], $3::timestamptz[])
    order by 1, 2
    on conflict do nothing`,
};

/** The times of ids in the ledger, in milliseconds, in the order given: $1 devices, $2 messages. */
export const READ_LEDGER: Statement = {
  name: 'read_ledger',
  text: /* sql */ `
    select (extract(epoch from l.at) * 1000)::float8 as at_ms
    from unnest($1::int[], $2::bigint[]) with ordinality as g(device_key, message_key, place)
    join usage_ledger l using (device_key, message_key)
    order by g.place`,
};
