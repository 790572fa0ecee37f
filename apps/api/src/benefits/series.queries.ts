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

/** In how many of the hours a series of the trial gave a sign of life, in the order in which they are asked for. */
export async function countAliveHours(
  tx: EntityManager,
  trialId: string,
  asked: readonly SeriesHours[],
): Promise<number[]> {
  const rows = await prepared<{ place: number; hours: number }>(tx, COUNT_ALIVE_HOURS, [
    trialId,
    asked.map(({ seriesId }) => seriesId),
    asked.map(({ from }) => new Date(from)),
    asked.map(({ to }) => new Date(to)),
  ]);
  const counted = new Map(rows.map(({ place, hours }) => [place, hours]));
  return asked.map((_, index) => counted.get(index + 1) ?? 0);
}

/** An hour counts once, also when two devices gave a sign of life in it: that of a swap. */
const COUNT_ALIVE_HOURS: Statement = {
  name: 'benefit_alive_hours',
  text: /* sql */ `
  with stood as materialized (
    select a.place, d.key as device_key, greatest(a.since, date_bin('1 hour', p.starts_at, 'epoch')) as since,
      least(a.until, coalesce(p.ends_at, 'infinity')) as until
    from unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[]) with ordinality as a(series_id, since, until, place)
    join placement p on p.series_id = a.series_id and p.trial_id = $1::uuid and ${MEASURED}
    join device d on d.id = p.device_id
  ),
  span as materialized (
    select *, (since at time zone 'UTC')::date as first_day, (until at time zone 'UTC')::date as last_day from stood
  ),
  alive as (
    select s.place, l.day, bit_or(case when l.day > s.first_day and l.day < s.last_day then l.hours
      else l.hours & hours_within(l.day, s.since, s.until) end) as hours
    from span s cross join lateral (
      select * from device_life l where l.device_key = s.device_key and l.day between s.first_day and s.last_day offset 0
    ) l
    group by 1, 2
  )
  select place::int, sum(bit_count(hours::bit(24)))::int as hours from alive group by 1`,
};
