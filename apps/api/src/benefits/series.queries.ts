import { prepared, type Statement } from '#database';
import type { Interval } from '#domain';
import type { EntityManager } from 'typeorm';
import { MEASURED, SERIES_TIME } from './benefits.queries.js';

/** A series and its time. */
export interface SeriesTime extends Interval {
  seriesId: string;
}

/** The series that measure a trial. */
export function trialSeries(tx: EntityManager, trialId: string): Promise<SeriesTime[]> {
  return prepared(tx, TRIAL_SERIES, [trialId]);
}

const TRIAL_SERIES: Statement = {
  name: 'benefit_trial_series',
  text: `select p.series_id as "seriesId", ${SERIES_TIME} from placement p where p.trial_id = $1::uuid and ${MEASURED} group by 1`,
};

/** Whole UTC hours of a series, [from, to) in milliseconds. */
export interface SeriesHours {
  seriesId: string;
  from: number;
  to: number;
}

/**
 * In how many of the hours a series of the trial gave a sign of life, in the order in which they are asked for. Counting
 * them is the longest part of a large trial's page: each half has a connection of its own.
 */
export async function countAliveHours(
  tx: EntityManager,
  trialId: string,
  asked: readonly SeriesHours[],
): Promise<number[]> {
  const half = Math.ceil(asked.length / 2);
  const halves = [asked.slice(0, half), asked.slice(half)];
  return (await Promise.all(halves.map((some) => countSome(tx, trialId, some)))).flat();
}

async function countSome(tx: EntityManager, trialId: string, asked: readonly SeriesHours[]): Promise<number[]> {
  const rows = await prepared<{ place: number; hours: number }>(tx, COUNT_ALIVE_HOURS, [
    trialId,
    asked.map(({ seriesId }) => seriesId),
    asked.map(({ from }) => new Date(from)),
    asked.map(({ to }) => new Date(to)),
  ]);
  const counted = new Map(rows.map(({ place, hours }) => [place, hours]));
  return asked.map((_, index) => counted.get(index + 1) ?? 0);
}

/** A series of one device has each hour once. After a swap two devices may have given a sign of life in one hour. */
const COUNT_ALIVE_HOURS: Statement = {
  name: 'benefit_alive_hours',
  text: /* sql */ `
  with placed as materialized (
    select p.series_id, d.key as device_key, date_bin('1 hour', p.starts_at, 'epoch') as since,
      coalesce(p.ends_at, 'infinity') as until, count(*) over (partition by p.series_id) as devices
    from placement p join device d on d.id = p.device_id where p.trial_id = $1::uuid and ${MEASURED}
  ),
  asked as materialized (
    select * from unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[]) with ordinality as a(series_id, since, until, place)
  )
  select a.place::int, alive.hours::int as hours from asked a
  join placed p on p.series_id = a.series_id and p.devices = 1
  cross join lateral (
    select count(*) as hours from device_life l where l.device_key = p.device_key
      and l.hour >= greatest(a.since, p.since) and l.hour < least(a.until, p.until)
  ) alive
  union all
  select a.place::int, count(distinct l.hour)::int from asked a
  join placed p on p.series_id = a.series_id and p.devices > 1
  join device_life l on l.device_key = p.device_key
    and l.hour >= greatest(a.since, p.since) and l.hour < least(a.until, p.until)
  group by a.place`,
};
