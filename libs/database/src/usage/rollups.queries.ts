import { FAMILIES, type MetricKind } from '#domain';
import { HOURS_FROM_RAW } from './reassign.queries.js';
import type { QueryRunner, Statement } from './statement.js';

const FAMILY_LIST = Object.values(FAMILIES);

/** Family → the local hour at which its day starts (rule U4), as the statements below read it. */
export const DAY_STARTS_BY_FAMILY = JSON.stringify(
  Object.fromEntries(FAMILY_LIST.map(({ code, dayStartsAtHour }) => [code, dayStartsAtHour])),
);

/** The codes of metrics that roll-ups treat in their own way: gauges have no days, counters are differenced. */
export interface MetricLists {
  readonly gauges: readonly number[];
  readonly counters: readonly number[];
}

const codesOf = (kind: MetricKind): number[] =>
  FAMILY_LIST.flatMap(({ metrics }) => metrics.filter((metric) => metric.kind === kind).map(({ code }) => code));

/** The metrics of the families that the product knows. */
export const METRIC_LISTS: MetricLists = { gauges: codesOf('gauge'), counters: codesOf('counter') };

/** A local day (`2026-11-22`) of a placement. */
export interface RollUpDay {
  readonly placementKey: number;
  readonly day: string;
}

/**
 * Lets one transaction at a time write days and months, until it ends: two that made days of one month side by side
 * would each miss the other's. Take it last, for it is held until the commit.
 */
export const LOCK_ROLL_UPS: Statement = {
  name: 'lock_roll_ups',
  text: /* sql */ `select pg_advisory_xact_lock(7428322)`,
};

/** What a longer time is of the shorter ones in it. */
const TOTALS = `sum(count)::int as count, sum(resets)::int as resets, sum(flagged)::int as flagged, sum(sum) as sum,
    max(last_at) as last_at`;
const FIGURES = ['count', 'resets', 'flagged', 'sum', 'last_at'];
const figures = (alias: string): string => `(${FIGURES.map((name) => `${alias}.${name}`).join(', ')})`;
const KEEP_CHANGED = `${FIGURES.map((name) => `${name} = excluded.${name}`).join(', ')}
    where ${figures('d')} is distinct from ${figures('excluded')}`;

/**
 * The days of \`given\` (device_key, placement_key, day, zone, starts) as hours make them: a counter's sum is of its differences. An
 * hour belongs to the day in which it begins; in zones that are whole hours from UTC it lies in no other.
 */
const daysFromHours = (gauges: string, counters: string): string => /* sql */ `
  parts as (
    select g.placement_key, g.day, h.metric, h.dimensions, h.count, 0 as resets, 0 as flagged,
      case when h.metric = any(${counters}::smallint[]) then 0 else h.sum end as sum, h.last_at
    from given g
    cross join lateral (
      select * from usage_hour h
      where h.device_key = g.device_key and h.placement_key = g.placement_key
        and h.hour >= (g.day + make_interval(hours => g.starts - 3)) at time zone g.zone
        and h.hour < (g.day + make_interval(hours => g.starts + 28)) at time zone g.zone
        and local_day(h.hour, g.zone, g.starts) = g.day and h.metric <> all(${gauges}::smallint[])
      offset 0
    ) h
    union all
    select g.placement_key, g.day, c.metric, '', 0, c.resets, c.glitches + c.unconfirmed + c.unsplit, c.delta, null
    from given g
    join counter_hour c on c.placement_key = g.placement_key
      and c.hour >= (g.day + make_interval(hours => g.starts - 3)) at time zone g.zone
      and c.hour < (g.day + make_interval(hours => g.starts + 28)) at time zone g.zone
      and local_day(c.hour, g.zone, g.starts) = g.day
  ),
  fresh as materialized (
    select placement_key, day, metric, dimensions, ${TOTALS} from parts group by 1, 2, 3, 4
  )`;

/** A placement with what divides its time into days. $n = the families' day starts. */
const placesOf = (keys: string, dayStarts: string): string => /* sql */ `
  place as materialized (
    select p.key, d.key as device_key, p.root_id, r.time_zone as zone, coalesce((${dayStarts}::jsonb ->> pr.family)::int, 0) as starts
    from placement p
    join device d on d.id = p.device_id
    join product pr on pr.id = d.product_id
    join org_node r on r.id = p.root_id
    where p.key = any(${keys}::int[])
  )`;

const NOT_THINNED = `not exists (
    select from thinned_month t where t.root_id = p.root_id and t.month = date_trunc('month', g.day)::date)`;

/**
 * Makes days from hours, also such that have none any more. Days whose hours are no longer kept stay as they are
 * forgotten (rule K1). $1 placements, $2 days, $3 {@link DAY_STARTS_BY_FAMILY}, $4 gauges, $5 counters. Where days do not
 * begin on a whole UTC hour, the day before is made as well: it has the hour in which this one begins.
 */
export const STORE_DAYS: Statement = {
  name: 'store_days',
  text: /* sql */ `
  with ${placesOf('$1', '$3')},
  given as materialized (
    select distinct p.device_key, p.key as placement_key, g.day, p.zone, p.starts
    from unnest($1::int[], $2::date[]) as asked(placement_key, day)
    join place p on p.key = asked.placement_key
    cross join lateral (
      select asked.day union all select asked.day - 1 where mod(extract(epoch from
        (asked.day + make_interval(hours => p.starts)) at time zone p.zone)::bigint, 3600) <> 0
    ) g(day)
    where ${NOT_THINNED}
  ),
  ${daysFromHours('$4', '$5')},
  removed as (
    delete from usage_day d using given g
    where d.placement_key = g.placement_key and d.day = g.day and not exists (
      select from fresh f where f.placement_key = d.placement_key and f.day = d.day
        and f.metric = d.metric and f.dimensions = d.dimensions)
  )
  insert into usage_day as d (placement_key, day, metric, dimensions, ${FIGURES.join(', ')})
  select placement_key, day, metric, dimensions, ${FIGURES.join(', ')} from fresh order by 1, 2, 3, 4
  on conflict (placement_key, day, metric, dimensions) do update set ${KEEP_CHANGED}`,
};

/** Makes months from days, after {@link STORE_DAYS}: $1 placements, $2 any day of each month. */
export const STORE_MONTHS: Statement = {
  name: 'store_months',
  text: /* sql */ `
  with given as materialized (
    select distinct g.placement_key, date_trunc('month', g.day)::date as month
    from unnest($1::int[], $2::date[]) as g(placement_key, day)
    join placement p on p.key = g.placement_key
    where ${NOT_THINNED}
  ),
  fresh as materialized (
    select g.placement_key, g.month, u.metric, u.dimensions, ${TOTALS}
    from given g join usage_day u on u.placement_key = g.placement_key
      and u.day >= g.month and u.day < g.month + interval '1 month'
    group by 1, 2, 3, 4
  ),
  removed as (
    delete from usage_month d using given g
    where d.placement_key = g.placement_key and d.month = g.month and not exists (
      select from fresh f where f.placement_key = d.placement_key and f.month = d.month
        and f.metric = d.metric and f.dimensions = d.dimensions)
  )
  insert into usage_month as d (placement_key, month, metric, dimensions, ${FIGURES.join(', ')})
  select placement_key, month, metric, dimensions, ${FIGURES.join(', ')} from fresh order by 1, 2, 3, 4
  on conflict (placement_key, month, metric, dimensions) do update set ${KEEP_CHANGED}`,
};

/**
 * Makes days, and the months that they lie in, again from hours, whatever was there before: right after late, repeated
 * and corrected usage. In the caller's transaction, which from here on is the only one that writes days.
 */
export async function rollUpDays(
  tx: QueryRunner,
  days: readonly RollUpDay[],
  { gauges, counters }: MetricLists = METRIC_LISTS,
): Promise<void> {
  if (days.length === 0) return;
  const keys = days.map(({ placementKey }) => placementKey);
  const dates = days.map(({ day }) => day);
  await tx.query(LOCK_ROLL_UPS.text);
  await tx.query(STORE_DAYS.text, [keys, dates, DAY_STARTS_BY_FAMILY, gauges, counters]);
  await tx.query(STORE_MONTHS.text, [keys, dates]);
  const eves = dates.map((day) => new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10));
  const turns = days.flatMap((_, index) => (dates[index]?.endsWith('-01') ? [index] : []));
  if (turns.length === 0) return;
  await tx.query(STORE_MONTHS.text, [turns.map((index) => keys[index]), turns.map((index) => eves[index])]);
}

/** Whether placements have days yet that were there before days were made: the next one's key, null when all have. */
export const LOCK_BACKFILL: Statement = {
  name: 'lock_backfill',
  text: /* sql */ `select backfilled_to from storage_state where backfilled_to is not null for update skip locked`,
};

/** The next $2 placements after key $1 that have hours. */
export const NEXT_TO_BACKFILL: Statement = {
  name: 'next_to_backfill',
  text: /* sql */ `
    select p.key from placement p join device d on d.id = p.device_id
    where p.key > $1::int
      and exists (select from usage_hour h where h.device_key = d.key and h.placement_key = p.key)
    order by p.key limit $2::int`,
};

/** The days on which a placement ($1) has hours of anything but gauges ($3); $2 the families' day starts. */
export const LIST_HOUR_DAYS: Statement = {
  name: 'list_hour_days',
  text: /* sql */ `
    with ${placesOf('array[$1::int]', '$2')}
    select distinct local_day(h.hour, p.zone, p.starts)::text as day
    from place p join usage_hour h on h.device_key = p.device_key and h.placement_key = p.key
    where h.metric <> all($3::smallint[]) order by 1`,
};

/** Placements up to key $1 have days; null = all have. */
export const STORE_BACKFILL: Statement = {
  name: 'store_backfill',
  text: /* sql */ `update storage_state set backfilled_to = $1::int`,
};

const HOUR_FIGURES = ['count', 'sum', 'last_at'];
const hourFigures = (alias: string): string => `(${HOUR_FIGURES.map((name) => `${alias}.${name}`).join(', ')})`;

/** Hours of a device ($1) in [$2, $3), which are whole hours, that are not what raw makes them; $4 the dimensions by metric, at most $5. */
export const DIFFERING_HOURS: Statement = {
  name: 'differing_hours',
  text: /* sql */ `
    with raw as (${HOURS_FROM_RAW}),
    kept as (
      select hour, placement_key, metric, dimensions, sum(count)::int as count, sum(sum) as sum, max(last_at) as last_at
      from usage_hour where device_key = $1::int and hour >= $2::timestamptz and hour < $3::timestamptz
      group by 1, 2, 3, 4
    )
    select hour, placement_key, metric, dimensions, r.count as expected_count, r.sum::text as expected_sum,
      k.count as found_count, k.sum::text as found_sum
    from raw r full join kept k using (hour, placement_key, metric, dimensions)
    where ${hourFigures('r')} is distinct from ${hourFigures('k')}
    order by 1, 2, 3, 4 limit $5::int`,
};

/**
 * Days of a device's ($1) placements in [$2, $3) that are not what hours make them; $4 the families' day starts, $5
 * gauges, $6 counters, at most $7. Days that wait for the worker are left out: they will be made again.
 */
export const DIFFERING_DAYS: Statement = {
  name: 'differing_days',
  text: /* sql */ `
  with keys as materialized (
    select coalesce(array_agg(p.key), '{}') as list from placement p join device d on d.id = p.device_id
    where d.key = $1::int and p.key <= coalesce((select backfilled_to from storage_state), 2147483647)
  ),
  ${placesOf('(select list from keys)', '$4')},
  given as materialized (
    select p.device_key, p.key as placement_key, g.day, p.zone, p.starts from place p cross join lateral (
      select local_day(h.hour, p.zone, p.starts) as day from usage_hour h
      where h.device_key = p.device_key and h.placement_key = p.key and h.hour >= $2::date - interval '2 days' and h.hour < $3::date + interval '2 days'
      union select u.day from usage_day u where u.placement_key = p.key
    ) g
    where g.day >= $2::date and g.day < $3::date and ${NOT_THINNED}
      and not exists (select from dirty_day w where w.placement_key = p.key and w.day = g.day)
  ),
  ${daysFromHours('$5', '$6')},
  kept as (select d.* from given g join usage_day d using (placement_key, day))
  select day::text as day, placement_key, metric, dimensions, f.count as expected_count, f.sum::text as expected_sum,
    d.count as found_count, d.sum::text as found_sum
  from fresh f full join kept d using (placement_key, day, metric, dimensions)
  where ${figures('f')} is distinct from ${figures('d')}
  order by 1, 2, 3, 4 limit $7::int`,
};

/** Months of a device's ($1) placements that touch [$2, $3) and are not what days make them; at most $4. */
export const DIFFERING_MONTHS: Statement = {
  name: 'differing_months',
  text: /* sql */ `
  with span as (select date_trunc('month', $2::date)::date as since, $3::date as until),
  given as materialized (
    select p.key from placement p join device d on d.id = p.device_id where d.key = $1::int
  ),
  fresh as (
    select u.placement_key, date_trunc('month', u.day)::date as month, u.metric, u.dimensions, ${TOTALS}
    from given p join usage_day u on u.placement_key = p.key cross join span s
    where u.day >= s.since and u.day < (date_trunc('month', s.until - 1) + interval '1 month')::date
    group by 1, 2, 3, 4
  ),
  kept as (
    select u.* from given p join usage_month u on u.placement_key = p.key cross join span s
    where u.month >= s.since and u.month < s.until
  )
  select month::text as month, placement_key, metric, dimensions, f.count as expected_count, f.sum::text as expected_sum,
    d.count as found_count, d.sum::text as found_sum
  from fresh f full join kept d using (placement_key, month, metric, dimensions)
  where ${figures('f')} is distinct from ${figures('d')}
  order by 1, 2, 3, 4 limit $4::int`,
};

/** How many placement-days of a device ($1) in [$2, $3) wait for the worker. */
export const COUNT_WAITING_DAYS: Statement = {
  name: 'count_waiting_days',
  text: /* sql */ `
    select count(distinct (w.placement_key, w.day))::int as waiting
    from device d join placement p on p.device_id = d.id join dirty_day w on w.placement_key = p.key
    where d.key = $1::int and w.day >= $2::date and w.day < $3::date`,
};
