import { isCounted } from '#database';
import type { FamilyCode, NodeKind, Purpose, TrialStage } from '#domain';
import { FAMILIES } from '#domain';
import type { EntityManager } from 'typeorm';
import type { SignalRow } from './signal-view.js';

/** What a page is of; access to it has been checked by who asks. */
export interface PageKey {
  kind: 'unit' | 'trial';
  id: string;
}

export interface UnitHead {
  id: string;
  name: string;
  kind: NodeKind;
  demo: boolean;
  timeZone: string;
}

/** A unit with its municipality's zone; null when it has gone. */
export async function unitHead(tx: EntityManager, id: string): Promise<UnitHead | null> {
  const [row] = await tx.query<UnitHead[]>(
    /* sql */ `select n.id, n.name, n.kind, r.demo, r.time_zone as "timeZone"
    from org_node n join org_node r on r.id = n.root_id where n.id = $1`,
    [id],
  );
  return row ?? null;
}

export interface TrialHead {
  id: string;
  code: string;
  title: string;
  stage: TrialStage;
  demo: boolean;
  timeZone: string;
}

/** Trials with their municipality's zone; those that have gone are left out. */
export async function trialHeads(tx: EntityManager, ids: readonly string[]): Promise<TrialHead[]> {
  return tx.query(
    /* sql */ `select t.id, t.code, t.title, t.stage, r.demo, r.time_zone as "timeZone"
    from trial t join org_node r on r.id = t.root_id where t.id = any($1::uuid[]) order by t.code`,
    [ids],
  );
}

/** A placement on a live page with its device and what is last known of it. */
export interface PlacedRow extends SignalRow {
  key: number;
  deviceKey: number;
  placementId: string;
  deviceId: string;
  trialId: string | null;
  assetTag: string;
  productName: string;
  family: FamilyCode;
  nodeName: string;
  purpose: Purpose;
  /** Whether it is valid now; the others are of earlier today. */
  isNow: boolean;
}

const IS_OF_PAGE: Record<PageKey['kind'], string> = {
  unit: 'n.path @> array[$1::uuid]',
  trial: 'p.trial_id = $1::uuid',
};

/** The page's placements that are valid at `now` or were since `since`. */
export async function placedSince(
  tx: EntityManager,
  page: PageKey,
  { since, now }: { since: Date; now: Date },
): Promise<PlacedRow[]> {
  return tx.query(
    /* sql */ `select p.key, p.id as "placementId", d.key as "deviceKey", p.device_id as "deviceId", p.trial_id as "trialId", p.purpose,
      d.asset_tag as "assetTag", pr.supplier || ' ' || pr.model as "productName", pr.family, n.name as "nodeName",
      (p.ends_at is null or p.ends_at > $3) as "isNow",
      d.expected_interval_seconds as "expectedIntervalSeconds", ${HEARD}
    from placement p
    join org_node n on n.id = p.node_id
    join device d on d.id = p.device_id
    join product pr on pr.id = d.product_id
    left join device_signal s on s.device_key = d.key
    where ${IS_OF_PAGE[page.kind]} and not d.is_canary and p.starts_at <= $3 and (p.ends_at is null or p.ends_at > $2)
    order by n.name collate "sv-SE-x-icu", d.asset_tag collate "sv-SE-x-icu", p.id`,
    [page.id, since, now],
  );
}

/** The columns of `device_signal s`. */
export const HEARD = `coalesce(s.connected, false) as connected,
  s.state, s.last_at as "lastSignalAt", s.last_received_at as "lastReceivedAt", s.battery, s.battery_at as "batteryAt",
  s.firmware, s.clock_skew_ms as "clockSkewMs", s.clock_skew_at as "clockSkewAt", coalesce(s.repeats_not_detectable, false) as "repeatsNotDetectable",
  coalesce(s.ids_repeat, false) as "idsRepeat"`;

/** The metrics that are use: a gauge's readings (a battery's) are no use of the device. */
export const USE_METRICS = Object.values(FAMILIES).flatMap(({ metrics }) =>
  metrics.filter(({ kind }) => kind !== 'gauge').map(({ code }) => code),
);

/** What was counted of a placement and metric in one UTC hour. */
export interface HourRow {
  key: number;
  metricCode: number;
  hour: Date;
  count: number;
  sum: number;
  /** Of the count, what was entered by hand. */
  manual: number;
}

/** The use of placements in the hours from `since` on. */
export async function hoursSince(tx: EntityManager, placementKeys: readonly number[], since: Date): Promise<HourRow[]> {
  return tx.query(
    /* sql */ `with by_hand as (
      select u.placement_key, u.metric, date_bin('1 hour', u.at, 'epoch') as hour, count(*)::int as manual
      from placement p join device d on d.id = p.device_id
      join usage u on u.device_key = d.key and u.placement_key = p.key and u.at >= $2
      where p.key = any($1::int[]) and (u.flags & 16) <> 0 and u.value is not null and ${isCounted('u')}
      group by 1, 2, 3
    )
    select h.placement_key as key, h.metric as "metricCode", h.hour, sum(h.count)::int as count,
      sum(h.sum)::float8 as sum, coalesce(max(b.manual), 0) as manual
    from placement p join device d on d.id = p.device_id
    join usage_hour h on h.device_key = d.key and h.placement_key = p.key
    left join by_hand b using (placement_key, metric, hour)
    where p.key = any($1::int[]) and h.hour >= $2 and h.metric = any($3::smallint[])
    group by 1, 2, 3 order by 3, 1, 2`,
    [placementKeys, since, USE_METRICS],
  );
}

/** Where placements belong: the nodes from the root down, and the trial. */
export async function placementHomes(
  tx: EntityManager,
  placementKeys: readonly number[],
): Promise<{ key: number; path: string[]; trialId: string | null }[]> {
  return tx.query(
    /* sql */ `select p.key, n.path, p.trial_id as "trialId" from placement p join org_node n on n.id = p.node_id
    where p.key = any($1::int[])`,
    [placementKeys],
  );
}
