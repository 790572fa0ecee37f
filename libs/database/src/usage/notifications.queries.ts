import { BATTERY_WELL_MARGIN_PERCENT, FAMILIES, NOTIFICATION_TERMS, WRONG_ZONE_MS } from '#domain';
import type { Statement } from './statement.js';

/** The kinds of trouble that are seen in the database itself; each has a statement that settles it. */
export const SETTLED_KINDS = [
  'device_refused',
  'lost_device_speaks',
  'device_silent',
  'battery_low',
  'ingest_degraded',
] as const;

export type SettledKind = (typeof SETTLED_KINDS)[number];

/**
 * Makes the open notifications of a kind those of the troubles there are: opens one for each that has none, closes those
 * whose trouble is over, and answers the ids of the opened. $1 is the present instant. `troubles` selects each trouble's
 * dedupe_key, data and device (null: the installation) once.
 */
const settling = (kind: SettledKind, troubles: string): Statement => ({
  name: `settle_${kind}`,
  text: /* sql */ `
    with trouble as materialized (${troubles}),
    over as (
      update notification n set closed_at = $1::timestamptz
      where n.kind = '${kind}' and n.closed_at is null
        and not exists (select from trouble t where t.dedupe_key = n.dedupe_key)
    )
    insert into notification (id, root_id, node_id, kind, severity, subject_kind, subject_id, link, data, dedupe_key, created_at)
    select gen_random_uuid(), d.root_id, d.owner_node_id, '${kind}', '${NOTIFICATION_TERMS[kind].severity}',
      case when d.id is not null then 'device' end, d.id::text, coalesce('/devices/' || d.id, '/'), t.data, t.dedupe_key,
      $1::timestamptz
    from trouble t left join device d on d.key = t.device_key
    where not exists (
      select from notification n where n.kind = '${kind}' and n.closed_at is null and n.dedupe_key = t.dedupe_key)
    on conflict (kind, dedupe_key) where closed_at is null do nothing
    returning id`,
});

const FAMILY_SILENCE = JSON.stringify(
  Object.values(FAMILIES).map(({ code, expectedIntervalSeconds, tolerance }) => ({
    code,
    seconds: expectedIntervalSeconds,
    tolerance,
  })),
);

/** A family without a threshold has no batteries to run low. */
const FAMILY_BATTERIES = JSON.stringify(
  Object.values(FAMILIES).flatMap(({ code, batteryLowPercent: low }) => (low === undefined ? [] : [{ code, low }])),
);

/** When a device was last heard by our clock: a clock that goes behind is not silence ({@link heardAtMs} in the domain). */
const HEARD_AT = `case when s.clock_skew_ms between 1 and ${WRONG_ZONE_MS} then
  greatest(s.last_at, least(s.last_at + make_interval(secs => s.clock_skew_ms / 1000.0), s.last_received_at))
  else s.last_at end`;

/** The workers of ingest that speak now; the last word of one that is gone tells nothing. */
const INGEST = `service_heartbeat h where h.service ~ '^ingest(-[1-9][0-9]*)?$' and h.at > now() - interval '5 minutes'`;

const STANDS_NOW = `not d.is_canary and p.starts_at <= $1::timestamptz and (p.ends_at is null or p.ends_at > $1::timestamptz)
  and d.lifecycle in ('in_use','on_loan') and not d.is_canary`;

const OPEN = (kind: SettledKind): string => `exists (
  select from notification n where n.kind = '${kind}' and n.closed_at is null and n.dedupe_key = d.key::text)`;

/**
 * Placed devices that have spoken and have now been silent for longer than their interval × tolerance. While ingest was
 * not there nobody could be heard: silence is new only when ingest has listened through it (its heartbeat's startedAt).
 */
const SILENT = /* sql */ `
  select d.key as device_key, d.key::text as dedupe_key,
    jsonb_build_object('assetTag', d.asset_tag,
      'lastSignalAt', to_char(s.last_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) as data
  from placement p
  join device d on d.id = p.device_id
  join product pr on pr.id = d.product_id
  join jsonb_to_recordset('${FAMILY_SILENCE}') as f(code text, seconds float8, tolerance float8) on f.code = pr.family
  join device_signal s on s.device_key = d.key
  cross join lateral (
    select $1::timestamptz - make_interval(secs => coalesce(d.expected_interval_seconds, f.seconds) * f.tolerance) as since
  ) silent
  where ${STANDS_NOW} and ${HEARD_AT} < silent.since
    and (${OPEN('device_silent')} or coalesce(
      (select min((h.status ->> 'startedAt')::timestamptz) from ${INGEST}), '-infinity'
    ) < silent.since)`;

/** Placed devices whose battery is low, and those once low that are not well again. */
const LOW_BATTERIES = /* sql */ `
  select d.key as device_key, d.key::text as dedupe_key,
    jsonb_build_object('assetTag', d.asset_tag, 'battery', s.battery) as data
  from placement p
  join device d on d.id = p.device_id
  join product pr on pr.id = d.product_id
  join jsonb_to_recordset('${FAMILY_BATTERIES}') as f(code text, low int) on f.code = pr.family
  join device_signal s on s.device_key = d.key
  where ${STANDS_NOW}
    and (s.battery < f.low or (s.battery < f.low + ${BATTERY_WELL_MARGIN_PERCENT} and ${OPEN('battery_low')}))`;

/** A device and code refused in this UTC hour or the one before: over after a quiet hour, and new after it. */
const REFUSED = /* sql */ `
  select d.key as device_key, d.key || '/' || c.code as dedupe_key,
    jsonb_build_object('assetTag', d.asset_tag, 'code', c.code) as data
  from (
    select distinct device_key, code from rejected_count
    where hour >= date_bin('1 hour', $1::timestamptz - interval '1 hour', 'epoch') and hour <= $1::timestamptz
  ) c
  join device d on d.key = c.device_key and not d.is_canary`;

/** Devices that have connected or been heard since they were last said to be lost (rule U8); the log knows since when. */
const LOST_SPEAKING = /* sql */ `
  select d.key as device_key, d.key::text as dedupe_key, jsonb_build_object('assetTag', d.asset_tag) as data
  from device d
  join device_signal s on s.device_key = d.key
  cross join lateral (
    select coalesce(max(a.at), d.created_at) as since from audit_log a
    where a.subject_kind = 'device' and a.subject_id = d.id::text and a.changes ->> 'lifecycle' = 'lost'
  ) lost
  where d.lifecycle = 'lost'
    and (s.last_received_at > lost.since or (s.connected and s.connection_changed_at > lost.since))`;

/** Ingest says that it lacks partitions ahead (rule U6). */
const DEGRADED = /* sql */ `
  select null::int as device_key, 'ingest' as dedupe_key,
    jsonb_build_object('weeksAhead', coalesce(min((h.status ->> 'partitionWeeksAhead')::float8), 0)) as data
  from ${INGEST} and h.status ->> 'state' = 'degraded' having count(*) > 0`;

/** Opens at the first reject of a code after a quiet hour, closes after one. $1 now. */
export const SETTLE_DEVICE_REFUSED = settling('device_refused', REFUSED);
/** Opens when a lost device is heard, closes when it is no longer lost. $1 now. */
export const SETTLE_LOST_DEVICE_SPEAKS = settling('lost_device_speaks', LOST_SPEAKING);
/** Opens past interval × tolerance, closes when the device speaks or stands nowhere any more. $1 now. */
export const SETTLE_DEVICE_SILENT = settling('device_silent', SILENT);
/** Opens under the family's threshold, closes some percent above it. $1 now. */
export const SETTLE_BATTERY_LOW = settling('battery_low', LOW_BATTERIES);
/** Opens and closes as ingest says. $1 now. */
export const SETTLE_INGEST_DEGRADED = settling('ingest_degraded', DEGRADED);

/** The statement of each settled kind. */
export const SETTLE: Readonly<Record<SettledKind, Statement>> = {
  device_refused: SETTLE_DEVICE_REFUSED,
  lost_device_speaks: SETTLE_LOST_DEVICE_SPEAKS,
  device_silent: SETTLE_DEVICE_SILENT,
  battery_low: SETTLE_BATTERY_LOW,
  ingest_degraded: SETTLE_INGEST_DEGRADED,
};
