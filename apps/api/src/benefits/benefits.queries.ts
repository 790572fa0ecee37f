import { BenefitLineEntity, CostLineEntity, MeasurementRuleEntity } from '#database';
import type { Day, FamilyCode, Interval, StageChange } from '#domain';
import { type EntityManager, In } from 'typeorm';

/** Placements whose usage is the trial's benefit: a comparator's stands beside it, never in it (rule U9). */
export const MEASURED = `p.purpose = 'trial' and p.arm is distinct from 'comparator'`;
/** All of the trial, or with a unit only what stands (or stood) at it and its places. */
const AT_UNIT = `($2::uuid is null or exists (select from org_node n where n.id = p.node_id and n.path @> array[$2::uuid]))`;

/** Which trials' figures to read; `unitId` keeps to the part measured and confirmed at that unit and its places. */
export interface BenefitPart {
  trialIds: readonly string[];
  unitId: string | null;
}

/** Units counted on a local day by one rule version, over all of the part's placements. */
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

/** What the three streams of a part are made of. */
export interface BenefitFacts {
  lines: BenefitLineEntity[];
  /** The newest version per line id. */
  rules: Map<string, MeasurementRuleEntity>;
  days: CountedDay[];
  confirmations: Confirmation[];
}

export async function benefitFacts(tx: EntityManager, part: BenefitPart): Promise<BenefitFacts> {
  if (part.trialIds.length === 0) return { lines: [], rules: new Map(), days: [], confirmations: [] };
  const [lines, rules, confirmations, placementKeys] = await Promise.all([
    tx.find(BenefitLineEntity, { where: { trialId: In([...part.trialIds]) }, order: { position: 'ASC', id: 'ASC' } }),
    newestRules(tx, part.trialIds),
    latestConfirmations(tx, part),
    measuredPlacements(tx, part),
  ]);
  const days = await countedDays(
    tx,
    rules.map((rule) => rule.key),
    placementKeys,
  );
  return { lines, rules: new Map(rules.map((rule) => [rule.benefitLineId, rule])), days, confirmations };
}

function newestRules(tx: EntityManager, trialIds: readonly string[]): Promise<MeasurementRuleEntity[]> {
  return tx
    .createQueryBuilder(MeasurementRuleEntity, 'row')
    .innerJoin(BenefitLineEntity, 'line', 'line.id = row.benefit_line_id')
    .where('line.trial_id = any(:trialIds)', { trialIds })
    .distinctOn(['row.benefit_line_id'])
    .orderBy('row.benefit_line_id')
    .addOrderBy('row.version', 'DESC')
    .getMany();
}

async function measuredPlacements(tx: EntityManager, { trialIds, unitId }: BenefitPart): Promise<number[]> {
  const rows = await tx.query<{ key: number }[]>(
    /* sql */ `select p.key from placement p where p.trial_id = any($1::uuid[]) and ${MEASURED} and ${AT_UNIT}`,
    [trialIds, unitId],
  );
  return rows.map(({ key }) => key);
}

/** By placements that are known: a unit's few are then found by the key, without a look at all of the trial's days. */
async function countedDays(
  tx: EntityManager,
  ruleKeys: readonly number[],
  placementKeys: readonly number[],
): Promise<CountedDay[]> {
  const days = await tx.query<CountedDay[]>(
    /* sql */ `select q.rule_key as "ruleKey", q.day::text as day, sum(q.events)::int as events,
      sum(q.qualifying)::int as qualifying, sum(q.failures)::int as failures,
      sum(q.manual)::int as manual, max(q.computed_at) as "computedAt"
    from qualifying_day q where q.rule_key = any($1::int[]) and q.placement_key = any($2::int[])
    group by q.rule_key, q.day`,
    [ruleKeys, placementKeys],
  );
  // Sorted here, since PostgreSQL would sort every placement's days for it instead of their sums.
  return days.sort((one, other) => Number(one.day > other.day) - Number(one.day < other.day));
}

async function latestConfirmations(tx: EntityManager, { trialIds, unitId }: BenefitPart): Promise<Confirmation[]> {
  return tx.query(
    /* sql */ `select distinct on (c.benefit_line_id, c.node_id, c.month) c.id, c.benefit_line_id as "lineId",
      c.node_id as "nodeId", n.name as "nodeName", c.month::text as month, c.confirmed_ore as "confirmedOre",
      c.potential_ore as "potentialOre", c.realised_ore as "realisedOre", c.action_taken as "actionTaken",
      u.name as "confirmedByName", c.confirmed_at as "confirmedAt"
    from realisation_confirmation c
    join benefit_line l on l.id = c.benefit_line_id
    join org_node n on n.id = c.node_id
    join user_account u on u.id = c.confirmed_by
    where l.trial_id = any($1::uuid[]) and ($2::uuid is null or n.path @> array[$2::uuid])
    order by c.benefit_line_id, c.node_id, c.month, c.version desc`,
    [trialIds, unitId],
  );
}

export function costLines(tx: EntityManager, trialId: string): Promise<CostLineEntity[]> {
  return tx.find(CostLineEntity, { where: { trialId }, order: { position: 'ASC', id: 'ASC' } });
}

export async function trialLife(tx: EntityManager, trialId: string): Promise<StageChange[]> {
  return tx.query('select stage, at from trial_stage_change where trial_id = $1 order by at, id', [trialId]);
}

/** The municipality's zone, whether it is a demo, and whether the trial measures simulated devices. */
export interface TrialSetting {
  zone: string;
  demo: boolean;
  simulated: boolean;
}

export async function trialSetting(tx: EntityManager, trialId: string): Promise<TrialSetting> {
  const [row] = await tx.query<TrialSetting[]>(
    /* sql */ `select r.time_zone as zone, r.demo, exists (
        select from placement p join device d on d.id = p.device_id
        where p.trial_id = t.id and d.simulated and ${MEASURED}) as simulated
    from trial t join org_node r on r.id = t.root_id where t.id = $1`,
    [trialId],
  );
  if (!row) throw new Error(`Trial ${trialId} has gone.`);
  return row;
}

/** The time of the placements of a series (rule U10), grouped. */
export const SERIES_TIME = `min(p.starts_at) as "from", nullif(max(coalesce(p.ends_at, 'infinity')), 'infinity') as "to"`;

/** A series (rule U10): its time, chained over swaps, and the UTC hours in which its device gave a sign of life. */
export interface SeriesRow extends Interval {
  /** One and the same over swaps. */
  family: FamilyCode;
  aliveHours: number[];
}

/** The series of some placements, with signs of life from `since` on. */
export async function placementSeries(
  tx: EntityManager,
  placementKeys: readonly number[],
  since: Date,
): Promise<SeriesRow[]> {
  const rows = await tx.query<{ from: Date; to: Date | null; family: FamilyCode; hours: string | null }[]>(
    /* sql */ `select ${SERIES_TIME}, min(pr.family) as family, string_agg(alive.hours, ',') as hours
    from placement p join device d on d.id = p.device_id join product pr on pr.id = d.product_id
    cross join lateral (
      select string_agg((date_part('epoch', l.hour) / 3600)::int::text, ',') as hours from device_life l
      where l.device_key = d.key and l.hour >= greatest(date_bin('1 hour', p.starts_at, 'epoch'), $2::timestamptz - interval '1 hour')
        and l.hour < coalesce(p.ends_at, 'infinity')
    ) alive
    where p.key = any($1::int[]) group by p.series_id`,
    [placementKeys, since],
  );
  return rows.map(({ from, to, family, hours }) => ({
    from,
    to,
    family,
    aliveHours: hours ? hours.split(',').map((hour) => Number(hour) * 3_600_000) : [],
  }));
}

/** How many series measure each trial in all, and how many of them at a unit and its places. */
export async function seriesCounts(
  tx: EntityManager,
  { trialIds, unitId }: BenefitPart,
): Promise<Map<string, { here: number; all: number }>> {
  const rows = await tx.query<{ trial_id: string; here: number; all: number }[]>(
    /* sql */ `select p.trial_id, count(distinct p.series_id)::int as all,
      (count(distinct p.series_id) filter (where ${AT_UNIT}))::int as here
    from placement p where p.trial_id = any($1::uuid[]) and ${MEASURED} group by p.trial_id`,
    [trialIds, unitId],
  );
  return new Map(rows.map(({ trial_id, here, all }) => [trial_id, { here, all }]));
}

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
