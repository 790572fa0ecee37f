import { isCounted, prepared, type Statement } from '#database';
import type { FamilyCode, NodeKind, Purpose, TrialStage } from '#domain';
import { FAMILIES } from '#domain';
import type { EntityManager } from 'typeorm';
import type { Scope } from '../scope/scope.js';
import { hoursOfDay, type LifeDay } from './life-hours.js';
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

const UNIT_HEAD = /* sql */ `select n.id, n.name, n.kind, r.demo, r.time_zone as "timeZone"
  from org_node n join org_node r on r.id = n.root_id where n.id = $1`;

/** A unit with its municipality's zone; null when it has gone. */
export async function unitHead(tx: EntityManager, id: string): Promise<UnitHead | null> {
  const [row] = await prepared<UnitHead>(tx, { name: 'live_unit', text: UNIT_HEAD }, [id]);
  return row ?? null;
}

/** The same within a scope; null when it is outside or has gone. */
export async function unitInScope(tx: EntityManager, scope: Scope, id: string): Promise<UnitHead | null> {
  const text = `${UNIT_HEAD} and n.path && $2::uuid[]`;
  const [row] = await prepared<UnitHead>(tx, { name: 'live_unit_in_scope', text }, [id, scope.nodeIds]);
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

/** A trial with its municipality's zone; null when it has gone. */
export async function trialHead(tx: EntityManager, id: string): Promise<TrialHead | null> {
  const [row] = await prepared<TrialHead>(tx, TRIAL_HEAD, [id]);
  return row ?? null;
}

const TRIAL_HEAD: Statement = {
  name: 'live_trial',
  text: /* sql */ `select t.id, t.code, t.title, t.stage, r.demo, r.time_zone as "timeZone"
  from trial t join org_node r on r.id = t.root_id where t.id = $1`,
};

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
  seriesId: string;
  startsAt: Date;
  endsAt: Date | null;
  /** Whether it is valid now; the others are of earlier today. */
  isNow: boolean;
}

/** The columns of `device_signal s`. */
export const HEARD = `coalesce(s.connected, false) as connected,
  s.state, s.last_at as "lastSignalAt", s.last_received_at as "lastReceivedAt", s.battery, s.battery_at as "batteryAt",
  s.firmware, s.clock_skew_ms as "clockSkewMs", s.clock_skew_at as "clockSkewAt", coalesce(s.repeats_not_detectable, false) as "repeatsNotDetectable",
  coalesce(s.ids_repeat, false) as "idsRepeat"`;

const placedSql = (condition: string): string => /* sql */ `
  select p.key, p.id as "placementId", d.key as "deviceKey", p.device_id as "deviceId", p.trial_id as "trialId", p.purpose,
    d.asset_tag as "assetTag", pr.supplier || ' ' || pr.model as "productName", pr.family, n.name as "nodeName",
    (p.ends_at is null or p.ends_at > $3) as "isNow", p.series_id as "seriesId", p.starts_at as "startsAt", p.ends_at as "endsAt",
    d.expected_interval_seconds as "expectedIntervalSeconds", ${HEARD}
  from placement p
  join org_node n on n.id = p.node_id
  join device d on d.id = p.device_id
  join product pr on pr.id = d.product_id
  left join device_signal s on s.device_key = d.key
  where ${condition} and not d.is_canary and p.starts_at <= $3 and (p.ends_at is null or p.ends_at > $2)
  order by n.name collate "sv-SE-x-icu", d.asset_tag collate "sv-SE-x-icu", p.id`;

/** The unit's few nodes come first, as an array: so the plan is as good for any unit as for one that it is made for. */
const PLACED: Record<PageKey['kind'], Statement> = {
  unit: {
    name: 'live_placed_at_unit',
    text: placedSql('p.node_id = any(array(select id from org_node where path @> array[$1::uuid]))'),
  },
  trial: { name: 'live_placed_in_trial', text: placedSql('p.trial_id = $1::uuid') },
};

/** The page's placements that are valid at `now` or were since `since`. */
export function placedSince(
  tx: EntityManager,
  page: PageKey,
  { since, now }: { since: Date; now: Date },
): Promise<PlacedRow[]> {
  return prepared(tx, PLACED[page.kind], [page.id, since, now]);
}

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

/** By hand is almost nothing: an index of its own has it. Device by device, as the others on usage (see {@link prepared}). */
const HOURS_SINCE: Statement = {
  name: 'live_hours_since',
  text: /* sql */ `
    with placed as materialized (
      select * from unnest($1::int[], $2::int[]) as given(device_key, placement_key)
    ),
    by_hand as (
      select u.placement_key, u.metric, date_bin('1 hour', u.at, 'epoch') as hour, count(*)::int as manual
      from placed p cross join lateral (
        select * from usage u where u.device_key = p.device_key and u.placement_key = p.placement_key
          and u.at >= $3 and (u.flags & 16) <> 0 and u.value is not null and ${isCounted('u')}
        offset 0
      ) u
      group by 1, 2, 3
    )
    select h.placement_key as key, h.metric as "metricCode", date_part('epoch', h.hour) * 1000 as "hourMs",
      sum(h.count)::int as count, sum(h.sum)::float8 as sum, coalesce(max(b.manual), 0) as manual
    from placed p cross join lateral (
      select * from usage_hour h where h.device_key = p.device_key and h.placement_key = p.placement_key
        and h.hour >= $3 and h.metric = any($4::smallint[])
      offset 0
    ) h
    left join by_hand b on b.placement_key = h.placement_key and b.metric = h.metric and b.hour = h.hour
    group by h.hour, 1, 2 order by h.hour, 1, 2`,
};

/** A placement and its device, as tables of usage name them. */
export type PlacedKeys = Pick<PlacedRow, 'key' | 'deviceKey'>;

/** The use of placements in the hours from `since` on. */
export async function hoursSince(tx: EntityManager, placed: readonly PlacedKeys[], since: Date): Promise<HourRow[]> {
  const values = [placed.map(({ deviceKey }) => deviceKey), placed.map(({ key }) => key), since, USE_METRICS];
  // As numbers: a page has hundreds of hours, and a time's text is slow to read.
  const rows = await prepared<Omit<HourRow, 'hour'> & { hourMs: number }>(tx, HOURS_SINCE, values);
  return rows.map(({ hourMs, ...row }) => ({ ...row, hour: new Date(hourMs) }));
}

const ALIVE_SINCE: Statement = {
  name: 'live_alive_since',
  text: /* sql */ `
    select l.device_key as "deviceKey", l.day - date '1970-01-01' as day, l.hours
    from unnest($1::int[]) as given(device_key) cross join lateral (
      select * from device_life l
      where l.device_key = given.device_key and l.day >= ($2::timestamptz at time zone 'UTC')::date
      offset 0
    ) l`,
};

/** The UTC hours from `since` on, in milliseconds, in which each device gave a sign of life, by its key. */
export async function aliveSince(
  tx: EntityManager,
  deviceKeys: readonly number[],
  since: Date,
): Promise<Map<number, number[]>> {
  const days = await prepared<LifeDay & { deviceKey: number }>(tx, ALIVE_SINCE, [[...new Set(deviceKeys)], since]);
  const byDevice = [...Map.groupBy(days, ({ deviceKey }) => deviceKey)];
  return new Map(
    byDevice.map(([key, ofDevice]) => [key, ofDevice.flatMap(hoursOfDay).filter((hour) => hour >= since.getTime())]),
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
