import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Roll-ups in half the bytes (ADR 13): one index on hours instead of two, no first and last values, which nothing read but
 * a counter's hours, that have their own. Copies all hours, days and months there are.
 */
export class NarrowHours1763800000015 implements MigrationInterface {
  name = 'NarrowHours1763800000015';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      alter table usage_hour rename to wide_hour;
      alter table wide_hour rename constraint usage_hour_pkey to wide_hour_pkey;
      alter table usage_day rename to wide_day;
      alter table wide_day rename constraint usage_day_pkey to wide_day_pkey;
      alter table usage_month rename to wide_month;
      alter table wide_month rename constraint usage_month_pkey to wide_month_pkey;

      -- Hours are UTC (rule U4). The dimensions are those that the family declares for its rules (rule U13), the shard is the
      -- writer's slot so that two workers never share a hot row. Placement 0 = unplaced. Sums are exact, whatever the order.
      -- A placement is of one device, so the key serves both: who asks by placement gives its device as well.
      create table usage_hour (
        hour timestamptz not null,
        last_at timestamptz not null,
        device_key integer not null,
        placement_key integer not null,
        count integer not null,
        metric smallint not null,
        shard smallint not null default 0,
        sum numeric not null,
        dimensions text not null default '',
        primary key (device_key, placement_key, hour, metric, shard, dimensions)
      ) with (fillfactor = 80);
      insert into usage_hour (hour, last_at, device_key, placement_key, count, metric, shard, sum, dimensions)
      select hour, last_at, device_key, placement_key, count, metric, shard, sum, dimensions from wide_hour
      order by hour, device_key, placement_key;

      create table usage_day (
        last_at timestamptz,
        placement_key integer not null,
        day date not null,
        count integer not null,
        resets integer not null default 0,
        flagged integer not null default 0,
        metric smallint not null,
        sum numeric not null,
        dimensions text not null default '',
        primary key (placement_key, day, metric, dimensions)
      ) with (fillfactor = 80);
      insert into usage_day (last_at, placement_key, day, count, resets, flagged, metric, sum, dimensions)
      select last_at, placement_key, day, count, resets, flagged, metric, sum, dimensions from wide_day
      order by day, placement_key;

      create table usage_month (
        last_at timestamptz,
        placement_key integer not null,
        month date not null check (extract(day from month) = 1),
        count integer not null,
        resets integer not null default 0,
        flagged integer not null default 0,
        metric smallint not null,
        sum numeric not null,
        dimensions text not null default '',
        primary key (placement_key, month, metric, dimensions)
      ) with (fillfactor = 80);
      insert into usage_month (last_at, placement_key, month, count, resets, flagged, metric, sum, dimensions)
      select last_at, placement_key, month, count, resets, flagged, metric, sum, dimensions from wide_month
      order by month, placement_key;

      drop table wide_hour, wide_day, wide_month;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back.');
  }
}
