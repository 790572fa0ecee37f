import { partitionName } from '#database';
import pg from 'pg';
import { mondayOf } from '../../apps/ingest/src/partitions.js';
import { LARGE_TRIAL } from './reads-world.js';

const HOUR_MS = 3_600_000;
const WEEK_MS = 168 * HOUR_MS;

/** What was stored and how fast. */
export interface FillResult {
  usages: number;
  hours: number;
  days: number;
  lifeHours: number;
  /** Oldest and newest hour of usage. */
  from: string;
  to: string;
  /** Usages that this run has stored itself, and the time that this took with roll-ups, indexes and vacuum. */
  filled: number;
  seconds: number;
}

/**
 * Locks are used three times an hour in every other hour from 6 to 22, robots once an hour in the night, devices of the
 * large trial all day. `n` numbers devices in the order of their keys, so that usages come in the order of time.
 */
const SOURCE = /* sql */ `
  create unlogged table bench_source as
  select row_number() over (order by d.key) as n, count(*) over () as all_devices, d.key as device_key, p.key as placement_key,
    pr.family = 'sleep_robot' as is_robot, coalesce(t.code = '${LARGE_TRIAL.code}', false) as is_large
  from placement p join device d on d.id = p.device_id join product pr on pr.id = d.product_id left join trial t on t.id = p.trial_id
  where p.ends_at is null`;

/** Usages of a device in an hour ($1). */
const TIMES = /* sql */ `case when is_large then ${LARGE_TRIAL.perHour}
  when is_robot then (extract(hour from $1::timestamptz) not between 4 and 19)::int
  when extract(hour from $1::timestamptz) between 6 and 21 and (n + extract(hour from $1::timestamptz))::bigint % 2 = 0 then 3 else 0 end`;
const METRIC = `case when is_robot then 11 else 1 end::smallint`;
const DIMENSIONS = `case when is_robot then 'breathe' else 'success|staff' end`;
const SECONDS = `case when is_robot then 1800 else 1 end`;
/** The moment of use i of `times` in an hour; devices lie evenly over each share of the hour. */
const at = (i: string): string =>
  `$1::timestamptz + interval '1 hour' * ((${i} - 1 + n::float8 / (all_devices + 1)) / times)`;

const RAW = /* sql */ `
  insert into %TABLE% (at, received_at, until, value, device_key, placement_key, message_key, metric, attributes)
  select at, at + interval '120 ms', case when is_robot then at + interval '30 minutes' end, ${SECONDS}, device_key, placement_key,
    hashint8(n * 1000 + i), ${METRIC},
    case when is_robot then '{"mode":"breathe"}'::jsonb else '{"actor_role":"staff","result":"success","visit":"planned"}' end
  from (
    select s.*, i, ${at('i')} as at from (select *, ${TIMES} as times from bench_source) s cross join lateral generate_series(1, times) i
  ) used order by at`;

const HOURS = /* sql */ `
  insert into usage_hour (hour, device_key, placement_key, metric, dimensions, count, sum, last_at)
  select $1, device_key, placement_key, ${METRIC}, ${DIMENSIONS}, times, times * ${SECONDS}, ${at('times')}
  from (select *, ${TIMES} as times from bench_source) s where times > 0 order by n`;

/** A device gives a sign of life in each of a day's hours ($2, since 1970); one hour in fifty is missing. */
const LIFE = /* sql */ `
  insert into device_life as known (device_key, day, hours)
  select device_key, $1::date, bit_or(1 << hour % 24) from bench_source, unnest($2::int[]) as hour
  where (n * 31 + hour) % 50 > 0 group by n, device_key order by n
  on conflict (device_key, day) do update set hours = known.hours | excluded.hours`;

const dayOf = (hour: string): string =>
  `local_day(${hour}, 'Europe/Stockholm', case when metric = 11 then 12 else 0 end)`;
/** From the day that an hour ($1) lies in. */
const DAYS = /* sql */ `
  insert into usage_day (placement_key, day, metric, dimensions, count, sum, last_at)
  select placement_key, ${dayOf('hour')}, metric, dimensions, sum(count), sum(sum), max(last_at)
  from usage_hour where hour > $1::timestamptz - interval '26 hours' and ${dayOf('hour')} >= ${dayOf('$1::timestamptz')} group by 1, 2, 3, 4
  on conflict (placement_key, day, metric, dimensions) do update set count = excluded.count, sum = excluded.sum, last_at = excluded.last_at`;
const MONTHS = /* sql */ `
  insert into usage_month (placement_key, month, metric, dimensions, count, sum, last_at)
  select placement_key, date_trunc('month', day)::date, metric, dimensions, sum(count), sum(sum), max(last_at)
  from usage_day where day >= date_trunc('month', $1::timestamptz - interval '2 days') group by 1, 2, 3, 4
  on conflict (placement_key, month, metric, dimensions) do update set count = excluded.count, sum = excluded.sum, last_at = excluded.last_at`;

/** The hours that are to be filled: the newest ends now, and together they hold as many usages as are wanted. */
async function hoursFor(client: pg.Client, rows: number): Promise<Date[]> {
  const hours: Date[] = [];
  const newest = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - HOUR_MS;
  const perHourOfDay = new Map<number, number>();
  for (let [at, left] = [newest, rows]; left > 0; at -= HOUR_MS) {
    const hour = new Date(at);
    const known = perHourOfDay.get(hour.getUTCHours()) ?? (await usagesIn(client, hour));
    perHourOfDay.set(hour.getUTCHours(), known);
    left -= known;
    hours.unshift(hour);
  }
  return hours;
}

async function usagesIn(client: pg.Client, hour: Date): Promise<number> {
  const { rows } = await client.query<{ times: string }>(`select sum(${TIMES}) as times from bench_source`, [hour]);
  return Number(rows[0]?.times);
}

/** The hours between what is stored and now: a database that was kept is as fresh as a new one. */
async function hoursSince(client: pg.Client): Promise<Date[]> {
  const { rows } = await client.query<{ newest: Date | null }>(`select max(hour) as newest from bench_filled`);
  const hours: Date[] = [];
  for (let at = rows[0]?.newest?.getTime() ?? Date.now(); (at += HOUR_MS) <= Date.now() - HOUR_MS;)
    hours.push(new Date(at));
  return hours;
}

/** Stores usage in the order of time up to the hour that is going on, with its roll-ups; only what is missing when it was kept. */
export async function fillUsage(url: string, rows: number, tell: (line: string) => void): Promise<FillResult> {
  const [raw, other] = [await connect(url), await connect(url)];
  try {
    const { rows: found } = await raw.query<{ filled: string | null }>(`select to_regclass('bench_filled') as filled`);
    const isKept = found[0]?.filled !== null;
    if (!isKept) await raw.query(`${SOURCE}; create table bench_filled (hour timestamptz primary key)`);
    const hours = isKept ? await hoursSince(raw) : await hoursFor(raw, rows);
    const started = Date.now();
    const filled = hours.length > 0 ? await fillHours({ raw, other, hours, isKept, tell }) : 0;
    const seconds = filled > 0 ? (Date.now() - started) / 1000 : 0;
    return { ...(await whatIsStored(raw)), filled, seconds };
  } finally {
    await Promise.all([raw.end(), other.end()]);
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    `set synchronous_commit = off; set maintenance_work_mem = '512MB'; set work_mem = '64MB'; set timezone = 'UTC'`,
  );
  return client;
}

interface Filling {
  raw: pg.Client;
  other: pg.Client;
  hours: readonly Date[];
  isKept: boolean;
  tell: (line: string) => void;
}

/** Raw in one connection, hours and signs of life in another; hours without their index where the table was empty. */
async function fillHours({ raw, other, hours, isKept, tell }: Filling): Promise<number> {
  const restore = isKept ? async () => undefined : await dropIndexes(other, 'usage_hour');
  const [filled] = await Promise.all([fillRaw(raw, hours, tell), fillOther(other, hours)]);
  tell('building the index of hours');
  await restore();
  tell('making days and months, and vacuuming');
  await raw.query(DAYS, [hours[0]]);
  await raw.query(MONTHS, [hours[0]]);
  await raw.query(`insert into bench_filled select * from unnest($1::timestamptz[])`, [hours]);
  await raw.query('vacuum analyze');
  await raw.query('checkpoint');
  return filled;
}

async function fillRaw(client: pg.Client, hours: readonly Date[], tell: (line: string) => void): Promise<number> {
  let filled = 0;
  for (const [monday, week] of Map.groupBy(hours, (hour) => mondayOf(hour.getTime()))) {
    const table = partitionName(monday);
    const { rows } = await client.query<{ made: string | null }>('select to_regclass($1) as made', [table]);
    const isNew = rows[0]?.made === null;
    if (isNew) await client.query(`create table ${table} (like usage including defaults)`);
    for (const hour of week) filled += (await client.query(RAW.replace('%TABLE%', table), [hour])).rowCount ?? 0;
    // Its indexes are built here, as small as the nightly packing leaves them.
    if (isNew) {
      const [from, to] = [monday, monday + WEEK_MS].map((ms) => new Date(ms).toISOString());
      await client.query(`alter table usage attach partition ${table} for values from ('${from}') to ('${to}')`);
    }
    tell(`${table}: ${week.length} hours stored, ${filled} usages in all`);
  }
  return filled;
}

async function fillOther(client: pg.Client, hours: readonly Date[]): Promise<void> {
  for (const hour of hours) await client.query(HOURS, [hour]);
  const sinceEpoch = hours.map((hour) => hour.getTime() / HOUR_MS);
  for (const [day, ofDay] of Map.groupBy(sinceEpoch, (hour) => Math.floor(hour / 24)))
    await client.query(LIFE, [new Date(day * 24 * HOUR_MS), ofDay]);
}

/** Takes a table's indexes away; what it answers puts them back. */
async function dropIndexes(client: pg.Client, table: string): Promise<() => Promise<void>> {
  const { rows } = await client.query<{ drop: string; make: string }>(
    /* sql */ `select case when k.oid is null then format('drop index %s', i.indexrelid::regclass)
        else format('alter table %s drop constraint %I', i.indrelid::regclass, k.conname) end as drop,
      case when k.oid is null then pg_get_indexdef(i.indexrelid)
        else format('alter table %s add constraint %I %s', i.indrelid::regclass, k.conname, pg_get_constraintdef(k.oid)) end as make
    from pg_index i left join pg_constraint k on k.conindid = i.indexrelid
    where i.indrelid = $1::regclass`,
    [table],
  );
  for (const { drop } of rows) await client.query(drop);
  return async () => {
    for (const { make } of rows) await client.query(make);
  };
}

async function whatIsStored(client: pg.Client): Promise<Omit<FillResult, 'filled' | 'seconds'>> {
  const { rows } = await client.query<
    Record<'usages' | 'hours' | 'days' | 'life', string> & { from: Date; to: Date }
  >(/* sql */ `select (select sum(count) from usage_month) as usages, (select sum(reltuples) from pg_class where relname = 'usage_hour') as hours,
      (select count(*) from usage_day) as days, (select sum(bit_count(hours::bit(24))) from device_life) as life,
      (select min(hour) from bench_filled) as from, (select max(hour) from bench_filled) as to`);
  const stored = rows[0]!;
  return {
    usages: Number(stored.usages),
    hours: Number(stored.hours),
    days: Number(stored.days),
    lifeHours: Number(stored.life),
    from: stored.from.toISOString(),
    to: stored.to.toISOString(),
  };
}
