import { prepared, type Statement } from '#database';
import type { Category, Day, TrialStage, ValuingTerms } from '#domain';
import type { EntityManager } from 'typeorm';
import { MEASURED } from './benefits.queries.js';

/** A line of a trial with its newest rule, and what was counted and confirmed for it at a unit and its places, to date. */
export interface UnitLine {
  trialId: string;
  code: string;
  title: string;
  stage: TrialStage;
  category: Category;
  plannedMonthOre: number;
  startsOn: Day;
  endsOn: Day | null;
  /** Null: nothing is counted for it. */
  rule: ValuingTerms | null;
  qualifying: number;
  failures: number;
  computedAt: Date | null;
  /** Each unit and month by its newest confirmation (rule B3). */
  realisedOre: number;
  /** How many series (rule U10) measure the trial at the unit and its places, and in all. */
  seriesHere: number;
  seriesInAll: number;
}

/**
 * In one statement, planned once: it reads little, by keys, and every page of a unit asks for it. $1 the trials, $2 the
 * unit, $3 today. Lines that share their effect with another are left out (rule B11). Each placement's days are summed
 * apart, so that they are found by its key and not among all of the trial's. Parameters stand in subqueries: PostgreSQL
 * plans anew, which takes a third of the time, wherever a plan for their values alone looks cheaper.
 */
const UNIT_LINES: Statement = {
  name: 'unit_lines',
  text: /* sql */ `
    with asked as materialized (
      select unnest($1::uuid[]) as id
    ),
    here as materialized (
      select n.id from org_node n where n.path @> array(select $2::uuid)
    ),
    placed as materialized (
      select p.key, p.trial_id, p.series_id, p.node_id in (select id from here) as is_here
      from placement p where p.trial_id = any(array(select id from asked)) and ${MEASURED}
    ),
    placed_here as materialized (
      select key from placed where is_here
    )
    select t.id as "trialId", t.code, t.title, t.stage, l.category, l.planned_month_ore as "plannedMonthOre",
      l.starts_on::text as "startsOn", l.ends_on::text as "endsOn", rule.terms as rule,
      coalesce(counted.qualifying, 0) as qualifying, coalesce(counted.failures, 0) as failures, counted."computedAt",
      coalesce(confirmed.ore, 0) as "realisedOre",
      coalesce(series.here, 0) as "seriesHere", coalesce(series.in_all, 0) as "seriesInAll"
    from trial t
    join benefit_line l on l.trial_id = t.id and l.shares_effect_with is null
    left join (
      select trial_id, count(distinct series_id)::int as in_all, (count(distinct series_id) filter (where is_here))::int as here
      from placed group by trial_id
    ) series on series.trial_id = t.id
    left join lateral (
      select r.key, jsonb_build_object('counterfactualShare', r.counterfactual_share, 'minutesPerUnit', r.minutes_per_unit,
        'addedWorkMinutesPerUnit', r.added_work_minutes_per_unit, 'failureMinutes', r.failure_minutes,
        'hourlyCostOre', r.hourly_cost_ore) as terms
      from measurement_rule r where r.benefit_line_id = l.id order by r.version desc limit 1
    ) rule on true
    left join lateral (
      select sum(one.qualifying)::int as qualifying, sum(one.failures)::int as failures, max(one.computed_at) as "computedAt"
      from placed_here p cross join lateral (
        select sum(q.qualifying) as qualifying, sum(q.failures) as failures, max(q.computed_at) as computed_at
        from qualifying_day q
        where q.placement_key = p.key and q.rule_key = rule.key
          and q.day >= l.starts_on and (l.ends_on is null or q.day < l.ends_on) and q.day <= $3::date
      ) one
    ) counted on true
    left join lateral (
      select sum(newest.realised_ore)::bigint as ore from (
        select distinct on (c.node_id, c.month) c.realised_ore from realisation_confirmation c
        where c.benefit_line_id = l.id and c.node_id in (select id from here)
        order by c.node_id, c.month, c.version desc
      ) newest
    ) confirmed on true
    where t.id = any(array(select id from asked)) order by t.code, l.position, l.id`,
};

export function unitLines(
  tx: EntityManager,
  { trialIds, unitId, today }: { trialIds: readonly string[]; unitId: string; today: Day },
): Promise<UnitLine[]> {
  return prepared(tx, UNIT_LINES, [trialIds, unitId, today]);
}
