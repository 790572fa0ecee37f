import { BenefitLineEntity, CostLineEntity, MeasurementRuleEntity, prepared, type Statement } from '#database';
import type { Day, StageChange } from '#domain';
import type { EntityManager } from 'typeorm';

/** Placements whose usage is the trial's benefit: a comparator's stands beside it, never in it (rule U9). */
export const MEASURED = `p.purpose = 'trial' and p.arm is distinct from 'comparator'`;
/** Units counted on a local day by one rule version, over all of the trial's placements. */
export interface CountedDay {
  ruleKey: number;
  day: Day;
  events: number;
  qualifying: number;
  failures: number;
  /** Of the qualifying, those that were entered by hand. */
  manual: number;
  computedAt: Date;
}

/** A unit's newest confirmation of a month. */
export interface Confirmation {
  id: string;
  lineId: string;
  nodeId: string;
  nodeName: string;
  month: Day;
  confirmedOre: number;
  potentialOre: number | null;
  realisedOre: number;
  actionTaken: string;
  confirmedByName: string;
  confirmedAt: Date;
}

/** What the three streams of a trial are made of. */
export interface BenefitFacts {
  lines: BenefitLineEntity[];
  /** The newest version per line id. */
  rules: Map<string, MeasurementRuleEntity>;
  days: CountedDay[];
  confirmations: Confirmation[];
}

export async function benefitFacts(tx: EntityManager, trialId: string): Promise<BenefitFacts> {
  const [lines, rules, confirmations, days] = await Promise.all([
    tx.find(BenefitLineEntity, { where: { trialId }, order: { position: 'ASC', id: 'ASC' } }),
    newestRules(tx, trialId),
    latestConfirmations(tx, trialId),
    countedDays(tx, trialId),
  ]);
  return { lines, rules: new Map(rules.map((rule) => [rule.benefitLineId, rule])), days, confirmations };
}

function newestRules(tx: EntityManager, trialId: string): Promise<MeasurementRuleEntity[]> {
  return tx
    .createQueryBuilder(MeasurementRuleEntity, 'row')
    .innerJoin(BenefitLineEntity, 'line', 'line.id = row.benefit_line_id')
    .where('line.trial_id = :trialId', { trialId })
    .distinctOn(['row.benefit_line_id'])
    .orderBy('row.benefit_line_id')
    .addOrderBy('row.version', 'DESC')
    .getMany();
}

/**
 * A rule's days are nearly all of the trial's placements, so that these are only looked up for each of them: `is true`
 * keeps PostgreSQL from joining them, after which it would expect few days and sort them all.
 */
const COUNTED_DAYS: Statement = {
  name: 'benefit_counted_days',
  text: /* sql */ `
    with newest as materialized (
      select distinct on (r.benefit_line_id) r.key
      from measurement_rule r join benefit_line l on l.id = r.benefit_line_id
      where l.trial_id = $1::uuid order by r.benefit_line_id, r.version desc
    )
    select newest.key as "ruleKey", of_rule.* from newest cross join lateral (
      select q.day::text as day, sum(q.events)::int as events, sum(q.qualifying)::int as qualifying,
        sum(q.failures)::int as failures, sum(q.manual)::int as manual, max(q.computed_at) as "computedAt"
      from qualifying_day q
      where q.rule_key = newest.key and (q.placement_key in (
        select p.key from placement p where p.trial_id = $1::uuid and ${MEASURED})) is true
      group by q.day
    ) of_rule`,
};

/** By the newest version of each line's rule. */
async function countedDays(tx: EntityManager, trialId: string): Promise<CountedDay[]> {
  const days = await prepared<CountedDay>(tx, COUNTED_DAYS, [trialId]);
  // Sorted here, since PostgreSQL would sort every placement's days for it instead of their sums.
  return days.sort((one, other) => Number(one.day > other.day) - Number(one.day < other.day));
}

const LATEST_CONFIRMATIONS: Statement = {
  name: 'benefit_latest_confirmations',
  text: /* sql */ `
    select distinct on (c.benefit_line_id, c.node_id, c.month) c.id, c.benefit_line_id as "lineId",
      c.node_id as "nodeId", n.name as "nodeName", c.month::text as month, c.confirmed_ore as "confirmedOre",
      c.potential_ore as "potentialOre", c.realised_ore as "realisedOre", c.action_taken as "actionTaken",
      u.name as "confirmedByName", c.confirmed_at as "confirmedAt"
    from realisation_confirmation c
    join benefit_line l on l.id = c.benefit_line_id
    join org_node n on n.id = c.node_id
    join user_account u on u.id = c.confirmed_by
    where l.trial_id = $1::uuid
    order by c.benefit_line_id, c.node_id, c.month, c.version desc`,
};

function latestConfirmations(tx: EntityManager, trialId: string): Promise<Confirmation[]> {
  return prepared(tx, LATEST_CONFIRMATIONS, [trialId]);
}

export function costLines(tx: EntityManager, trialId: string): Promise<CostLineEntity[]> {
  return tx.find(CostLineEntity, { where: { trialId }, order: { position: 'ASC', id: 'ASC' } });
}

const TRIAL_LIFE: Statement = {
  name: 'benefit_trial_life',
  text: 'select stage, at from trial_stage_change where trial_id = $1 order by at, id',
};

export const trialLife = (tx: EntityManager, trialId: string): Promise<StageChange[]> =>
  prepared(tx, TRIAL_LIFE, [trialId]);

/** The municipality's zone, and whether the trial measures simulated devices, which only a demo has. */
export interface TrialSetting {
  zone: string;
  simulated: boolean;
}

const TRIAL_SETTING: Statement = {
  name: 'benefit_trial_setting',
  text: /* sql */ `
    select r.time_zone as zone, r.demo and exists (
        select from placement p join device d on d.id = p.device_id
        where p.trial_id = t.id and d.simulated and ${MEASURED}) as simulated
    from trial t join org_node r on r.id = t.root_id where t.id = $1`,
};

export async function trialSetting(tx: EntityManager, trialId: string): Promise<TrialSetting> {
  const [row] = await prepared<TrialSetting>(tx, TRIAL_SETTING, [trialId]);
  if (!row) throw new Error(`Trial ${trialId} has gone.`);
  return row;
}

/** The time of the placements of a series (rule U10), grouped. */
export const SERIES_TIME = `min(p.starts_at) as "from", nullif(max(coalesce(p.ends_at, 'infinity')), 'infinity') as "to"`;

/** The unit that stands responsible for a placement: where it is, or above the place it is at. */
const OF_UNIT = `exists (select from org_node n where n.id = p.node_id
  and (n.id = $2::uuid and n.kind <> 'place' or n.kind = 'place' and n.parent_id = $2::uuid))`;

/** Whether devices of a trial stand, or have stood, at a unit or one of its places. */
export async function isMeasuredAt(tx: EntityManager, trialId: string, unitId: string): Promise<boolean> {
  const [row] = await tx.query<{ measured: boolean }[]>(
    `select exists (select from placement p where p.trial_id = $1::uuid and ${MEASURED} and ${OF_UNIT}) as measured`,
    [trialId, unitId],
  );
  return row?.measured ?? false;
}

/** Units counted by a rule version at a unit and its places on the days of [from, to). */
export async function unitCounts(
  tx: EntityManager,
  ruleKey: number,
  { unitId, from, to }: { unitId: string; from: Day; to: Day },
): Promise<{ qualifying: number; failures: number }> {
  const [row] = await tx.query<{ qualifying: number; failures: number }[]>(
    /* sql */ `select coalesce(sum(q.qualifying), 0)::int as qualifying, coalesce(sum(q.failures), 0)::int as failures
    from qualifying_day q join placement p on p.key = q.placement_key
    where q.rule_key = $1 and q.day >= $3::date and q.day < $4::date and ${MEASURED} and ${OF_UNIT}`,
    [ruleKey, unitId, from, to],
  );
  return row ?? { qualifying: 0, failures: 0 };
}

/** The placements of a trial, by which live pages learn that its figures are new. */
export async function trialPlacementKeys(tx: EntityManager, trialId: string): Promise<number[]> {
  const rows = await tx.query<{ key: number }[]>('select key from placement where trial_id = $1', [trialId]);
  return rows.map(({ key }) => key);
}

/** The number of the next confirmation of a line, unit and month; lock the line first. */
export async function nextConfirmationVersion(
  tx: EntityManager,
  lineId: string,
  { nodeId, month }: { nodeId: string; month: Day },
): Promise<number> {
  const [row] = await tx.query<{ next: number }[]>(
    /* sql */ `select coalesce(max(version), 0) + 1 as next from realisation_confirmation
    where benefit_line_id = $1 and node_id = $2 and month = $3::date`,
    [lineId, nodeId, month],
  );
  return row?.next ?? 1;
}
