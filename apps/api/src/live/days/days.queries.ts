import { DAY_STARTS_BY_FAMILY, DeviceEntity, OrgNodeEntity, PlacementEntity } from '#database';
import { type Day, FAMILIES, type FamilyCode, hourStart, type Interval, localDay } from '#domain';
import type { EntityManager } from 'typeorm';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { hoursOfDay } from '../life-hours.js';
import { USE_METRICS } from '../live.queries.js';

/** A placement with its days: how often it was used, and on which of them its device gave a sign of life. */
export interface PlacedDays extends Interval {
  seriesId: string;
  family: FamilyCode;
  uses: Record<Day, number> | null;
  aliveDays: ReadonlySet<Day>;
}

/** `life`: days since 1970-01-01 with their hours, each a bit. */
type PlacedRow = Omit<PlacedDays, 'aliveDays'> & { life: [day: number, hours: number][] | null };

const DAY_OF = (hour: string): string => `local_day(${hour}, $3::text, ($4::jsonb ->> pr.family)::int)::text`;

/** The real placements (rule U9) at a unit and its places since an instant, by the days of their families in a zone. */
export async function placedDays(
  tx: EntityManager,
  unitId: string,
  { since, zone }: { since: Date; zone: string },
): Promise<PlacedDays[]> {
  const rows = await tx.query<PlacedRow[]>(
    /* sql */ `select p.series_id as "seriesId", p.starts_at as "from", p.ends_at as "to", pr.family, used.uses, alive.life
    from placement p
    join org_node n on n.id = p.node_id
    join device d on d.id = p.device_id
    join product pr on pr.id = d.product_id
    cross join lateral (
      select jsonb_object_agg(u.day, u.uses) as uses from (
        select ${DAY_OF('h.hour')} as day, sum(h.count)::int as uses from usage_hour h
        where h.device_key = d.key and h.placement_key = p.key and h.hour >= $2 and h.metric = any($5::smallint[]) group by 1
      ) u
    ) used
    cross join lateral (
      select array_agg(array[l.day - date '1970-01-01', l.hours]) as life from device_life l
      where l.device_key = d.key and l.day >= ($2::timestamptz at time zone 'UTC')::date
    ) alive
    where n.path @> array[$1::uuid] and p.purpose <> 'test' and not d.is_canary
      and p.starts_at <= now() and (p.ends_at is null or p.ends_at > $2)`,
    [unitId, since, zone, DAY_STARTS_BY_FAMILY, USE_METRICS],
  );
  const dayOf = daysOfHours(zone);
  return rows.map(({ life, ...row }) => ({ ...row, aliveDays: aliveDays({ ...row, life }, since, dayOf) }));
}

/** A device's hours count for the placement it stood at. */
function aliveDays(
  { from, to, family, life }: PlacedRow,
  since: Date,
  dayOf: (hourMs: number, family: FamilyCode) => Day,
): Set<Day> {
  const begins = Math.max(hourStart(from.getTime()), since.getTime());
  const ends = to?.getTime() ?? Infinity;
  const hours = (life ?? []).flatMap(([day, bits]) => hoursOfDay({ day, hours: bits }));
  return new Set(hours.filter((hour) => hour >= begins && hour < ends).map((hour) => dayOf(hour, family)));
}

/** The local day of an hour, remembered: a unit's devices share their hours, and a day takes calendar arithmetic. */
function daysOfHours(zone: string): (hourMs: number, family: FamilyCode) => Day {
  const known = new Map<string, Day>();
  return (hourMs, family) => {
    const { dayStartsAtHour } = FAMILIES[family];
    const key = `${hourMs} ${dayStartsAtHour}`;
    const day = known.get(key) ?? localDay(hourMs, zone, dayStartsAtHour);
    known.set(key, day);
    return day;
  };
}

/** What is known of one device's days, and when it was expected to be there. */
export interface DeviceDays {
  zone: string;
  family: FamilyCode;
  expected: Interval[];
  days: { day: Day; uses: number; isAlive: boolean }[];
}

/**
 * A device's days since an instant. Its owner sees all of them; elsewhere only those of placements in the scope are
 * told: what a device does at another unit is that unit's (rule U8).
 */
export async function deviceDays(
  tx: EntityManager,
  scope: Scope,
  wanted: { id: string; since: Date },
): Promise<DeviceDays> {
  const device = await scoped(tx, DeviceEntity, scope).get(wanted.id);
  const isOwner = await scoped(tx, OrgNodeEntity, scope)
    .query()
    .andWhere('row.id = :owner', { owner: device.ownerNodeId })
    .getExists();
  const placements = await scoped(tx, PlacementEntity, scope).find({ deviceId: device.id });
  const stood = placements.map(({ startsAt, endsAt }) => ({ from: startsAt, to: endsAt }));
  const expected = isOwner ? [{ from: device.createdAt, to: null }, ...stood] : stood;
  const keys = isOwner ? null : placements.map(({ key }) => key);
  const setting = await settingOf(tx, device);
  return { ...setting, expected, days: await daysOf(tx, device.key, { ...setting, keys, since: wanted.since }) };
}

async function settingOf(tx: EntityManager, { id }: DeviceEntity): Promise<Pick<DeviceDays, 'zone' | 'family'>> {
  const [row] = await tx.query<Pick<DeviceDays, 'zone' | 'family'>[]>(
    /* sql */ `select r.time_zone as zone, pr.family from device d
    join org_node r on r.id = d.root_id join product pr on pr.id = d.product_id where d.id = $1`,
    [id],
  );
  if (!row) throw new Error(`The device ${id} has gone.`);
  return row;
}

async function daysOf(
  tx: EntityManager,
  deviceKey: number,
  { keys, since, zone, family }: Pick<DeviceDays, 'zone' | 'family'> & { keys: number[] | null; since: Date },
): Promise<DeviceDays['days']> {
  return tx.query(
    /* sql */ `with sign as (
      select h.hour, h.count as uses, false as alive from usage_hour h
      where h.device_key = $1 and h.hour >= $2 and h.metric = any($4::smallint[])
        and ($3::int[] is null or h.placement_key = any($3::int[]))
      union all
      select l.hour, 0, true from life_hours($1, $2, 'infinity') l
      where ($3::int[] is null or exists (
        select from placement p where p.key = any($3::int[]) and l.hour >= date_bin('1 hour', p.starts_at, 'epoch')
          and l.hour < coalesce(p.ends_at, 'infinity')))
    )
    select local_day(sign.hour, $5::text, $6::int)::text as day, sum(sign.uses)::int as uses,
      bool_or(sign.alive) as "isAlive"
    from sign group by 1 order by 1`,
    [deviceKey, since, keys, USE_METRICS, zone, FAMILIES[family].dayStartsAtHour],
  );
}
