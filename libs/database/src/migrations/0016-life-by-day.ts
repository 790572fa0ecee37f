import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Signs of life by the day, an hour a bit (ADR 14): a row a device and day instead of one an hour. Copies all there are. */
export class LifeByDay1763800000016 implements MigrationInterface {
  name = 'LifeByDay1763800000016';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      alter table device_life rename to hourly_life;
      alter table hourly_life rename constraint device_life_pkey to hourly_life_pkey;

      -- A sign of life of any kind in those UTC hours of the UTC day, bit 0 = the first: tells unused from silent (rule U12)
      -- and gives coverage. Pages are filled to half, since a day is written anew each hour.
      create table device_life (
        device_key integer not null,
        day date not null,
        hours integer not null check (hours > 0 and hours < 1 << 24),
        primary key (device_key, day)
      ) with (fillfactor = 50);
      insert into device_life (device_key, day, hours)
      select device_key, (hour at time zone 'UTC')::date, bit_or(1 << extract(hour from hour at time zone 'UTC')::int)
      from hourly_life group by 1, 2 order by 2, 1;
      drop table hourly_life;

      -- The hours of a UTC day that begin in [since, until), as bits.
      create function hours_within(day date, since timestamptz, until timestamptz) returns integer
      language sql immutable parallel safe as $$
        select ((1 << ends) - 1) & ~((1 << begins) - 1) from (
          select ceil(extract(epoch from least(greatest(since, midnight), midnight + interval '1 day') - midnight) / 3600)::int as begins,
            ceil(extract(epoch from least(greatest(until, midnight), midnight + interval '1 day') - midnight) / 3600)::int as ends
          from (select day::timestamp at time zone 'UTC' as midnight) m
        ) h
      $$;

      -- The hours that begin in [since, until) in which a device gave a sign of life.
      create function life_hours(device integer, since timestamptz, until timestamptz) returns table (hour timestamptz)
      language sql stable parallel safe as $$
        select begins from (
          select l.day::timestamp at time zone 'UTC' + make_interval(hours => h) as begins
          from device_life l cross join generate_series(0, 23) h
          where l.device_key = device and l.day >= (since at time zone 'UTC')::date and l.day <= (until at time zone 'UTC')::date
            and l.hours & (1 << h) <> 0
        ) hours where begins >= since and begins < until
      $$;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back.');
  }
}
