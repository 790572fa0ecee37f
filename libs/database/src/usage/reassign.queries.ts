import { FAMILIES } from '#domain';
import type { QueryRunner, Statement } from './statement.js';
import { LOCK_CUSTODY } from './conflicts.queries.js';
import { isCounted } from './corrections.queries.js';

const FAMILY_LIST = Object.values(FAMILIES);

/** Metric code → the names of its dimensions, as SQL reads them to make the key of a roll-up row. */
export const DIMENSIONS_BY_METRIC = JSON.stringify(
  Object.fromEntries(FAMILY_LIST.flatMap(({ metrics }) => metrics.map(({ code, dimensions }) => [code, dimensions]))),
);

/** Family → the local hour at which its day starts; metrics that no rule counts by the day are absent from marks. */
const DAY_STARTS = JSON.stringify(
  Object.fromEntries(FAMILY_LIST.map(({ code, dayStartsAtHour }) => [code, dayStartsAtHour])),
);

const GAUGES = JSON.stringify(
  FAMILY_LIST.flatMap(({ metrics }) => metrics.filter(({ kind }) => kind === 'gauge').map(({ code }) => code)),
);

/** Removes the roll-up rows of a device ($1) for the hours that touch [$2, $3); their raw must still be kept. */
export const DELETE_HOURS: Statement = {
  name: 'delete_hours',
  text: /* sql */ `
    delete from usage_hour
    where device_key = $1::int and hour >= date_bin('1 hour', $2::timestamptz, 'epoch') and hour < $3::timestamptz`,
};

/** The hours of a device ($1) that touch [$2, $3), as raw usage makes them; $4 is {@link DIMENSIONS_BY_METRIC}. */
export const HOURS_FROM_RAW = /* sql */ `
    select date_bin('1 hour', u.at, 'epoch') as hour, u.device_key, coalesce(u.placement_key, 0) as placement_key, u.metric,
      d.key as dimensions, count(*)::int as count, sum(u.value::numeric) as sum, max(u.at) as last_at
    from usage u, lateral (
      select coalesce(string_agg(coalesce(u.attributes ->> n.name, ''), '|' order by n.place), '') as key
      from jsonb_array_elements_text($4::jsonb -> u.metric::text) with ordinality as n(name, place)
    ) d
    where u.device_key = $1::int and u.value is not null and ${isCounted('u')}
      and u.at >= date_bin('1 hour', $2::timestamptz, 'epoch')
      and u.at < date_bin('1 hour', $3::timestamptz + interval '1 hour' - interval '1 microsecond', 'epoch')
    group by 1, 2, 3, 4, 5`;

/** Makes the same rows again from raw usage; $4 is {@link DIMENSIONS_BY_METRIC}. Run after {@link DELETE_HOURS}. */
export const REBUILD_HOURS: Statement = {
  name: 'rebuild_hours',
  text: /* sql */ `
    insert into usage_hour (hour, device_key, placement_key, metric, dimensions, count, sum, last_at)
    ${HOURS_FROM_RAW}`,
};

/** Fails with `restrict_violation` when an hour of a device ($1) in [$2, $3) could not be rebuilt (rule U6). */
export const REFUSE_WITHOUT_RAW: Statement = {
  name: 'refuse_without_raw',
  text: /* sql */ `select refuse_rebuild_without_raw($1::int, $2::timestamptz, $3::timestamptz)`,
};

/** Marks every placement-day with usage, also such as is set aside, of a device ($1) in [$2, $3); $4 the families' day starts, $5 the gauges. */
export const MARK_DEVICE_DAYS: Statement = {
  name: 'mark_device_days',
  text: /* sql */ `
    insert into dirty_day (placement_key, day)
    select distinct u.placement_key,
      ((u.at + reach.minutes * interval '1 minute') at time zone r.time_zone - make_interval(hours => s.hour))::date as day
    from device d
    join product p on p.id = d.product_id
    join org_node r on r.id = d.root_id
    cross join lateral (select ($4::jsonb ->> p.family)::int as hour) s
    cross join lateral (
      select 0 as minutes union select max(deduplicate_minutes) from measurement_rule having count(*) > 0) reach
    join usage u on u.device_key = d.key
    where d.key = $1::int and u.at >= $2::timestamptz and u.at < $3::timestamptz
      and u.placement_key is not null and u.value is not null and not ($5::jsonb @> to_jsonb(u.metric))
    order by 1, 2
    on conflict (placement_key, day, claimed) do update set claimed = false where false`,
};

/** Gives the usage of a device ($1) in [$2, $3) to the placement valid at its event time (rule U8). */
export const MOVE_USAGE: Statement = {
  name: 'move_usage',
  text: /* sql */ `
    update usage u set placement_key = owner.key
    from usage given
    left join lateral (
      select p.key from placement p join device d on d.id = p.device_id
      where d.key = given.device_key and p.starts_at <= given.at and (p.ends_at is null or given.at < p.ends_at)
    ) owner on true
    where given.device_key = $1::int and given.at >= $2::timestamptz and given.at < $3::timestamptz
      and given.placement_key is distinct from owner.key
      and u.device_key = given.device_key and u.at = given.at and u.message_key = given.message_key
      and u.at >= $2::timestamptz and u.at < $3::timestamptz`,
};

/**
 * After placements of a device have been changed for times in [from, to), in the same transaction: gives its usage there
 * to the placements now valid (rule D7), rebuilds the hours and marks the days of the placements before and after.
 * `to: null` = without end. Idempotent; ingest's batches wait for the transaction. Fails with SQLSTATE 23001 when the
 * raw usage of an hour in the range is no longer kept.
 */
export async function reassignPlacements(
  tx: QueryRunner,
  deviceKey: number,
  { from, to }: { readonly from: Date; readonly to: Date | null },
): Promise<void> {
  const range = [deviceKey, from, to ?? 'infinity'];
  const marks = [...range, DAY_STARTS, GAUGES];
  await tx.query(LOCK_CUSTODY.text);
  await tx.query(REFUSE_WITHOUT_RAW.text, range);
  await tx.query(MARK_DEVICE_DAYS.text, marks);
  await tx.query(MOVE_USAGE.text, range);
  await tx.query(MARK_DEVICE_DAYS.text, marks);
  await rebuildHours(tx, deviceKey, range.slice(1));
}

/** Rebuilds a device's roll-up rows of the hours that touch a range from raw usage; batches must be shut out. */
export async function rebuildHours(tx: QueryRunner, deviceKey: number, range: unknown[]): Promise<void> {
  await tx.query(DELETE_HOURS.text, [deviceKey, ...range]);
  await tx.query(REBUILD_HOURS.text, [deviceKey, ...range, DIMENSIONS_BY_METRIC]);
}
