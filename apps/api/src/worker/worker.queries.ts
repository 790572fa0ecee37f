import { type ChangeNotice, CHANGES_CHANNEL, MAX_NOTICE_BYTES } from '#contracts';
import {
  CLAIM_DAYS,
  COUNT_DIRTY_DAYS,
  COUNT_SLICES,
  FINISH_DAYS,
  LOCK_CUSTODY,
  NOTIFY,
  READ_CLAIMED_DAYS,
  READ_SLICES,
  STORE_QUALIFYING,
} from '#database';
import type { Day, FamilyCode, Purpose, StageChange, UsageFilter } from '#domain';
import type { EntityManager } from 'typeorm';

/** A local day of a placement, as it is marked. */
export interface PlacementDay {
  placementKey: number;
  day: Day;
}

/** Any number; the same in every API process, so that one worker at a time computes. */
const WORKER_LOCK = 7_428_321;

/** Whether this connection is now the worker's, until it closes or unlocks. */
export async function tryWorkerLock(tx: EntityManager): Promise<boolean> {
  const [row] = await tx.query<{ locked: boolean }[]>('select pg_try_advisory_lock($1) as locked', [WORKER_LOCK]);
  return row?.locked ?? false;
}

export async function releaseWorkerLock(tx: EntityManager): Promise<void> {
  await tx.query('select pg_advisory_unlock($1)', [WORKER_LOCK]);
}

export async function listenForChanges(tx: EntityManager): Promise<void> {
  await tx.query(`listen ${CHANGES_CHANNEL}`);
}

export async function stopListening(tx: EntityManager): Promise<void> {
  await tx.query(`unlisten ${CHANGES_CHANNEL}`);
}

export async function claimDays(tx: EntityManager, limit: number): Promise<void> {
  await tx.query(CLAIM_DAYS.text, [limit]);
}

/** Returns when every batch of usages that was under way has ended: what it stored can be read now. */
export async function waitForBatches(tx: EntityManager): Promise<void> {
  await tx.query(LOCK_CUSTODY.text);
}

export async function claimedDays(
  tx: EntityManager,
  { limit, except }: { limit: number; except: readonly PlacementDay[] },
): Promise<PlacementDay[]> {
  const pairs = [except.map((one) => one.placementKey), except.map((one) => one.day)];
  const rows = await tx.query<{ placement_key: number; day: Day }[]>(READ_CLAIMED_DAYS.text, [limit, ...pairs]);
  return rows.map((row) => ({ placementKey: row.placement_key, day: row.day }));
}

export async function finishDays(tx: EntityManager, days: readonly PlacementDay[]): Promise<void> {
  await tx.query(FINISH_DAYS.text, [days.map((one) => one.placementKey), days.map((one) => one.day)]);
}

export async function countDirtyDays(tx: EntityManager): Promise<{ waiting: number; claimed: number }> {
  const [row] = await tx.query<{ waiting: number; claimed: number }[]>(COUNT_DIRTY_DAYS.text);
  return row ?? { waiting: 0, claimed: 0 };
}

/** A placement of a trial with what decides whether and by which days its usage counts (rules U4, U9). */
export interface TrialPlacement {
  key: number;
  deviceKey: number;
  trialId: string;
  purpose: Purpose;
  simulated: boolean;
  demo: boolean;
  zone: string;
  family: FamilyCode;
}

/**
 * The given placements that belong to a trial. Their trials are locked against a change of stage or rule: such a change
 * marks the days that have usage when it commits, so it must not commit between our look at the trial and our result.
 */
export async function trialPlacements(tx: EntityManager, keys: readonly number[]): Promise<TrialPlacement[]> {
  return tx.query(
    /* sql */ `select p.key, d.key as "deviceKey", p.trial_id as "trialId", p.purpose, d.simulated, r.demo,
      r.time_zone as zone, t.family
    from placement p
    join device d on d.id = p.device_id
    join trial t on t.id = p.trial_id
    join org_node r on r.id = p.root_id
    where p.key = any($1::int[])
    for share of t`,
    [keys],
  );
}

/** What the worker needs of a rule version. */
export interface CountingRule {
  key: number;
  trialId: string;
  metric: string;
  filter: UsageFilter;
  failureFilter: UsageFilter | null;
  deduplicateMinutes: number;
}

/** The newest rule version of each benefit line. Older versions keep what was computed by them, as evidence (rule B10). */
export async function newestRules(tx: EntityManager, trialIds: readonly string[]): Promise<CountingRule[]> {
  return tx.query(
    /* sql */ `select distinct on (m.benefit_line_id) m.key, l.trial_id as "trialId", m.metric, m.filter,
      m.failure_filter as "failureFilter", m.deduplicate_minutes as "deduplicateMinutes"
    from benefit_line l join measurement_rule m on m.benefit_line_id = l.id
    where l.trial_id = any($1::uuid[])
    order by m.benefit_line_id, m.version desc`,
    [trialIds],
  );
}

/** The trials' lives, each in the order in which it was recorded. */
export async function stageChanges(
  tx: EntityManager,
  trialIds: readonly string[],
): Promise<Map<string, StageChange[]>> {
  const rows = await tx.query<(StageChange & { trialId: string })[]>(
    /* sql */ `select trial_id as "trialId", stage, at from trial_stage_change where trial_id = any($1::uuid[]) order by at, id`,
    [trialIds],
  );
  return Map.groupBy(rows, (row) => row.trialId);
}

/** A stretch of one placement's usage of one metric, in milliseconds [from, to). */
export interface Slice {
  deviceKey: number;
  placementKey: number;
  metricCode: number;
  from: number;
  to: number;
}

const instants = (slices: readonly Slice[], edge: 'from' | 'to'): Date[] =>
  slices.map((slice) => new Date(slice[edge]));

/** Per slice: about how many usages it holds, and whether raw of it is no longer kept. */
export async function countSlices(
  tx: EntityManager,
  slices: readonly Slice[],
): Promise<{ events: number; rawGone: boolean }[]> {
  const rows = await tx.query<{ place: number; events: number; raw_gone: boolean }[]>(COUNT_SLICES.text, [
    slices.map((slice) => slice.placementKey),
    slices.map((slice) => slice.metricCode),
    instants(slices, 'from'),
    instants(slices, 'to'),
  ]);
  const byPlace = new Map(rows.map((row) => [row.place, { events: row.events, rawGone: row.raw_gone }]));
  return slices.map((_, index) => byPlace.get(index + 1) ?? { events: 0, rawGone: false });
}

/** A raw usage as stored. */
export interface StoredUsage {
  at_ms: number;
  id: string;
  /** Null while a session is open. */
  value: number | null;
  attributes: Record<string, string | number | boolean> | null;
  /** A person entered it. */
  isByHand: boolean;
}

/** The raw usages of each slice, in no order. */
export async function readSlices(tx: EntityManager, slices: readonly Slice[]): Promise<StoredUsage[][]> {
  const rows = await tx.query<(StoredUsage & { place: number })[]>(READ_SLICES.text, [
    slices.map((slice) => slice.deviceKey),
    slices.map((slice) => slice.placementKey),
    slices.map((slice) => slice.metricCode),
    instants(slices, 'from'),
    instants(slices, 'to'),
  ]);
  const byPlace = Map.groupBy(rows, (row) => row.place);
  return slices.map((_, index) => byPlace.get(index + 1) ?? []);
}

/** Qualifying units of a placement and rule version on a local day (rule K2). */
export interface QualifyingDay extends PlacementDay {
  ruleKey: number;
  events: number;
  qualifying: number;
  failures: number;
  /** Of the qualifying, those that only a person has told of. */
  manual: number;
}

export async function storeQualifying(tx: EntityManager, rows: readonly QualifyingDay[]): Promise<void> {
  const columns = ['placementKey', 'ruleKey', 'day', 'events', 'qualifying', 'failures', 'manual'] as const;
  if (rows.length > 0)
    await tx.query(
      STORE_QUALIFYING.text,
      columns.map((column) => rows.map((row) => row[column])),
    );
}

/** Tells every API process, when the transaction commits, that these placements' figures are new. */
export async function announceBenefit(tx: EntityManager, placements: readonly number[]): Promise<void> {
  if (placements.length === 0) return;
  const notice: ChangeNotice = { kind: 'benefit', placements: [...placements] };
  const text = JSON.stringify(notice);
  const sent = text.length <= MAX_NOTICE_BYTES ? text : JSON.stringify({ ...notice, placements: null });
  await tx.query(NOTIFY.text, [CHANGES_CHANNEL, sent]);
}
