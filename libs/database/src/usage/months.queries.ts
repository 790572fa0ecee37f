import type { Statement } from './statement.js';

/** Municipalities ($1, null = all) with their zones. */
export const READ_ROOTS: Statement = {
  name: 'read_roots',
  text: /* sql */ `
    select id, time_zone as zone from org_node where parent_id is null and ($1::uuid is null or id = $1::uuid) order by id`,
};

/** The months before $2 of a municipality ($1) that still have days, hours or months by placement, oldest first. */
export const LIST_OLD_MONTHS: Statement = {
  name: 'list_old_months',
  text: /* sql */ `
    select distinct to_char(m.month, 'YYYY-MM-DD') as month from placement p
    join device d on d.id = p.device_id
    join product pr on pr.id = d.product_id
    join org_node r on r.id = p.root_id
    cross join lateral (
      select u.month from usage_month u where u.placement_key = p.key and u.month < $2::date
      union
      select date_trunc('month', local_day(h.hour, r.time_zone, coalesce(($3::jsonb ->> pr.family)::int, 0)))::date
      from usage_hour h where h.device_key = d.key and h.placement_key = p.key and h.hour < $2::date + interval '2 days'
    ) m
    where p.root_id = $1::uuid and m.month < $2::date order by 1`,
};

/** Whether a month ($2) of a municipality ($1) may not be thinned yet: days wait to be made. */
export const IS_MONTH_PENDING: Statement = {
  name: 'is_month_pending',
  text: /* sql */ `
    select (select backfilled_to is not null from storage_state) or exists (
      select from dirty_day w join placement p on p.key = w.placement_key
      where p.root_id = $1::uuid and w.day >= $2::date and w.day < $2::date + interval '1 month') as pending`,
};

/** What each unit of a municipality ($1) used in a month ($2): real use alone (rule U9), a place being its unit's. */
export const READ_UNIT_MONTHS: Statement = {
  name: 'read_unit_months',
  text: /* sql */ `
    select case when n.kind = 'place' then n.parent_id else n.id end as node_id, m.metric,
      sum(m.count)::float8 as count, sum(m.sum)::text as sum,
      (sum(sum(m.sum)) over (partition by m.metric))::text as whole_sum
    from usage_month m
    join placement p on p.key = m.placement_key
    join device d on d.id = p.device_id
    join org_node n on n.id = p.node_id
    join org_node r on r.id = p.root_id
    where p.root_id = $1::uuid and m.month = $2::date and p.purpose <> 'test' and (not d.simulated or r.demo)
    group by 1, 2 order by 2, 1`,
};

/** Units' months: $1 month, then arrays: $2 nodes, $3 whether the municipality's total, $4 metrics, $5 counts, $6 sums. */
export const STORE_UNIT_MONTHS: Statement = {
  name: 'store_unit_months',
  text: /* sql */ `
    insert into unit_month (month, node_id, is_total, metric, count, sum)
    select $1::date, g.* from unnest($2::uuid[], $3::boolean[], $4::smallint[], $5::bigint[], $6::numeric[]) as g
    on conflict (node_id, is_total, metric, month) do update set count = excluded.count, sum = excluded.sum`,
};

/** Placements of a municipality ($1) with the instants [from, to) of a month ($2) by their own days; $3 the day starts. */
const MONTH_OF_PLACEMENTS = /* sql */ `
  select p.key, d.key as device_key,
    ($2::date + make_interval(hours => coalesce(($3::jsonb ->> pr.family)::int, 0))) at time zone r.time_zone as from_at,
    (($2::date + interval '1 month') + make_interval(hours => coalesce(($3::jsonb ->> pr.family)::int, 0)))
      at time zone r.time_zone as to_at
  from placement p
  join device d on d.id = p.device_id
  join product pr on pr.id = d.product_id
  join org_node r on r.id = p.root_id
  where p.root_id = $1::uuid`;

/** Forgets everything by placement of a month ($2) of a municipality ($1), and what was unplaced; $3 the day starts. */
export const FORGET_MONTH: Statement = {
  name: 'forget_month',
  text: /* sql */ `
    with place as materialized (${MONTH_OF_PLACEMENTS}),
    hours as (
      delete from usage_hour h using place p
      where h.device_key = p.device_key and h.placement_key = p.key and h.hour >= p.from_at and h.hour < p.to_at returning 1
    ),
    unplaced as (
      delete from usage_hour h using (
        select d.key, $2::date::timestamp at time zone r.time_zone as from_at,
          ($2::date + interval '1 month') at time zone r.time_zone as to_at
        from device d join org_node r on r.id = d.root_id where d.root_id = $1::uuid) d
      where h.placement_key = 0 and h.device_key = d.key and h.hour >= d.from_at and h.hour < d.to_at returning 1
    ),
    counters as (
      delete from counter_hour h using place p
      where h.placement_key in (p.key, 0) and h.device_key = p.device_key and h.hour >= p.from_at and h.hour < p.to_at
      returning 1
    ),
    flags as (
      delete from counter_flag f using place p
      where f.device_key = p.device_key and f.at >= p.from_at and f.at < p.to_at returning 1
    ),
    days as (
      delete from usage_day d using place p where d.placement_key = p.key
        and d.day >= $2::date and d.day < $2::date + interval '1 month' returning 1
    ),
    months as (
      delete from usage_month m using place p where m.placement_key = p.key and m.month = $2::date returning 1
    ),
    thinned as (
      insert into thinned_month (root_id, month) values ($1::uuid, $2::date) on conflict do nothing
    )
    select (select count(*) from hours) + (select count(*) from unplaced) + (select count(*) from counters)
      + (select count(*) from days) + (select count(*) from months) as rows`,
};

/** How many rows {@link FORGET_MONTH} would forget. */
export const COUNT_MONTH: Statement = {
  name: 'count_month',
  text: /* sql */ `
    with place as materialized (${MONTH_OF_PLACEMENTS})
    select (select count(*) from usage_hour h join place p on h.device_key = p.device_key and h.placement_key = p.key
        and h.hour >= p.from_at and h.hour < p.to_at)
      + (select count(*) from usage_day d join place p on d.placement_key = p.key
        and d.day >= $2::date and d.day < $2::date + interval '1 month')
      + (select count(*) from usage_month m join place p on m.placement_key = p.key and m.month = $2::date) as rows`,
};
