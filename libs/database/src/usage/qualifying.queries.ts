import { isCounted } from './corrections.queries.js';
import type { QueryRunner, Statement } from './statement.js';

/**
 * Takes up to $1 marks, the newest days first so that a backlog never delays today's figures. A mark that somebody has
 * just locked is left for the next time. Runs in a transaction of its own, so that usage committed from now on sets a new
 * mark; then LOCK_CUSTODY waits for the batches that may still have seen the old one.
 */
export const CLAIM_DAYS: Statement = {
  name: 'claim_days',
  text: /* sql */ `
    with free as (
      select placement_key, day from dirty_day where not claimed
      order by day desc, placement_key limit $1::int for update skip locked
    ),
    taken as (
      delete from dirty_day d using free f
      where d.placement_key = f.placement_key and d.day = f.day and not d.claimed
      returning d.placement_key, d.day
    )
    insert into dirty_day (placement_key, day, claimed) select placement_key, day, true from taken
    on conflict do nothing`,
};

/** Up to $1 claimed placement-days, also those that a crash has left; without the pairs of $2 placements and $3 days. */
export const READ_CLAIMED_DAYS: Statement = {
  name: 'read_claimed_days',
  text: /* sql */ `
    select placement_key, day::text as day from dirty_day d
    where claimed and not exists (
      select from unnest($2::int[], $3::date[]) as p(placement_key, day)
      where p.placement_key = d.placement_key and p.day = d.day)
    order by day desc, placement_key limit $1::int`,
};

/** Removes the claims of $1 placements and $2 days, whose units are stored in the same transaction. */
export const FINISH_DAYS: Statement = {
  name: 'finish_days',
  text: /* sql */ `
    delete from dirty_day d using unnest($1::int[], $2::date[]) as f(placement_key, day)
    where d.placement_key = f.placement_key and d.day = f.day and d.claimed`,
};

/** How many marks wait, and how many are claimed. */
export const COUNT_DIRTY_DAYS: Statement = {
  name: 'count_dirty_days',
  text: /* sql */ `
    select (count(*) filter (where not claimed))::int as waiting, (count(*) filter (where claimed))::int as claimed
    from dirty_day`,
};

/**
 * About how many usages of a metric lie in each slice, by the roll-ups, and whether raw of it is no longer kept.
 * $1 placements, $2 metrics, $3 from, $4 to; `place` is 1-based. Raw of undecided trials is held longer (rule K1); what
 * lies wholly before raw is gone also when its hours have gone too, so that stored units stay (rule K2).
 */
export const COUNT_SLICES: Statement = {
  name: 'count_slices',
  text: /* sql */ `
    with kept as materialized (select coalesce(usage_kept_from(), 'infinity') as since)
    select s.place::int as place, coalesce(sum(h.count), 0)::int as events, bool_or(gone.at is not null and not exists (
      select from usage_held_week w
      where w.placement_key = s.placement_key and w.week <= gone.at and gone.at < w.week + interval '7 days')) as raw_gone
    from unnest($1::int[], $2::smallint[], $3::timestamptz[], $4::timestamptz[])
      with ordinality as s(placement_key, metric, from_at, to_at, place)
    cross join kept
    join placement p on p.key = s.placement_key
    join device d on d.id = p.device_id
    left join usage_hour h on h.device_key = d.key and h.placement_key = s.placement_key and h.metric = s.metric
      and h.hour >= date_bin('1 hour', s.from_at, 'epoch') and h.hour < s.to_at
    cross join lateral (
      select case when h.hour < kept.since then h.hour when s.from_at < s.to_at and s.to_at <= kept.since then s.from_at end as at
    ) gone
    group by s.place`,
};

/**
 * The raw usages of each slice, held ones too, without what is set aside. $1 devices, $2 placements, $3 metrics, $4 from, $5 to; `place` is 1-based.
 * Laterally and unflattened, so that each slice is a walk of the key (device, time) in its week's partition.
 */
export const READ_SLICES: Statement = {
  name: 'read_slices',
  text: /* sql */ `
    select s.place::int as place, u.*
    from unnest($1::int[], $2::int[], $3::smallint[], $4::timestamptz[], $5::timestamptz[])
      with ordinality as s(device_key, placement_key, metric, from_at, to_at, place)
    cross join lateral (
      select round(extract(epoch from u.at) * 1000)::float8 as at_ms, u.message_key::text as id, u.value, u.attributes,
        (u.flags & 16) <> 0 as "isByHand"
      from usage u
      where u.device_key = s.device_key and u.at >= s.from_at and u.at < s.to_at
        and u.placement_key = s.placement_key and u.metric = s.metric and ${isCounted('u')}
      union all
      select round(extract(epoch from u.at) * 1000)::float8, u.message_key::text, u.value, u.attributes, (u.flags & 16) <> 0
      from usage_held u
      where u.device_key = s.device_key and u.at >= s.from_at and u.at < s.to_at
        and u.placement_key = s.placement_key and u.metric = s.metric and ${isCounted('u')}
      offset 0
    ) u`,
};

/**
 * Stores qualifying units (rule K2): $1 placements, $2 rules, $3 days, $4 events, $5 qualifying, $6 failures, $7 how many
 * of the qualifying were entered by hand.
 */
export const STORE_QUALIFYING: Statement = {
  name: 'store_qualifying',
  text: /* sql */ `
    insert into qualifying_day (placement_key, rule_key, day, events, qualifying, failures, manual, computed_at)
    select q.*, clock_timestamp() from unnest($1::int[], $2::int[], $3::date[], $4::int[], $5::int[], $6::int[], $7::int[]) as q
    on conflict (placement_key, rule_key, day) do update set
      events = excluded.events, qualifying = excluded.qualifying, failures = excluded.failures,
      manual = excluded.manual,
      computed_at = excluded.computed_at`,
};

/** Marks every day of a trial's ($1) placements that has usage or stored units; $2 the local hour its day starts at. */
export const MARK_TRIAL_DAYS: Statement = {
  name: 'mark_trial_days',
  text: /* sql */ `
    insert into dirty_day (placement_key, day)
    select distinct p.key, days.day
    from placement p
    join org_node r on r.id = p.root_id
    cross join lateral (
      select (edge at time zone r.time_zone - make_interval(hours => $2::int))::date as day
      from device d join usage_hour h on h.device_key = d.key and h.placement_key = p.key
      cross join lateral unnest(array[h.hour, h.last_at]) as edge
      where d.id = p.device_id
      union
      select q.day from qualifying_day q where q.placement_key = p.key
    ) days
    where p.trial_id = $1::uuid and p.purpose = 'trial'
    order by 1, 2
    on conflict (placement_key, day, claimed) do update set claimed = false where false`,
};

/**
 * Has all qualifying units of a trial computed again, within seconds of the transaction's commit: after a new rule
 * version and after a change of its life that reaches back in time (start, pause, judgement). Idempotent.
 */
export async function markTrialDays(tx: QueryRunner, trialId: string, dayStartsAtHour: number): Promise<void> {
  await tx.query(MARK_TRIAL_DAYS.text, [trialId, dayStartsAtHour]);
}
