import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Roll-ups by day and month, counters, what is kept of raw usage and for how long, and the log of what was removed. */
export class Storage1763800000008 implements MigrationInterface {
  name = 'Storage1763800000008';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- The municipality's day that an instant belongs to, for a family whose day starts at that hour (rule U4).
      create function local_day(at timestamptz, zone text, starts_at_hour integer) returns date
      language sql immutable parallel safe as $$
        select (at at time zone zone - make_interval(hours => starts_at_hour))::date
      $$;

      -- Made from hours (and a counter's sum from its differences), never added to: whatever comes late or is corrected,
      -- the day is made again, and its month from its days.
      create table usage_day (
        placement_key integer not null,
        day date not null,
        metric smallint not null,
        dimensions text not null default '',
        count integer not null,
        resets integer not null default 0,
        flagged integer not null default 0,
        sum numeric not null,
        first_at timestamptz,
        first_value double precision,
        last_at timestamptz,
        last_value double precision,
        primary key (placement_key, day, metric, dimensions)
      ) with (fillfactor = 80);

      create table usage_month (
        placement_key integer not null,
        month date not null check (extract(day from month) = 1),
        metric smallint not null,
        dimensions text not null default '',
        count integer not null,
        resets integer not null default 0,
        flagged integer not null default 0,
        sum numeric not null,
        first_at timestamptz,
        first_value double precision,
        last_at timestamptz,
        last_value double precision,
        primary key (placement_key, month, metric, dimensions)
      ) with (fillfactor = 80);

      -- Differences of a counter's readings (rule U11), each in the UTC hour of its later reading. Placement 0 has what
      -- could not be split between placements. The last accepted reading is what the next one is compared with.
      create table counter_hour (
        device_key integer not null,
        metric smallint not null,
        placement_key integer not null,
        hour timestamptz not null,
        delta numeric not null,
        resets integer not null,
        glitches integer not null,
        unconfirmed integer not null,
        unsplit integer not null,
        last_at timestamptz,
        last_value double precision,
        primary key (device_key, metric, hour, placement_key)
      );
      create index counter_hour_placement on counter_hour (placement_key, hour);

      -- Readings that a person should look at.
      create table counter_flag (
        device_key integer not null,
        metric smallint not null,
        at timestamptz not null,
        message_key bigint not null,
        kind text not null check (kind in ('reset','glitch','unconfirmed','unsplit')),
        value double precision not null,
        previous double precision,
        primary key (device_key, metric, at, message_key)
      );

      -- What a person has said of a reading (rule U7): the reading itself stays; the newest decision counts.
      create table counter_correction (
        id bigint generated always as identity primary key,
        device_id uuid not null references device,
        metric smallint not null,
        at timestamptz not null,
        message_key bigint not null,
        value double precision not null,
        decided text not null check (decided in ('reset','glitch','replaced')),
        reason text not null default '' check (length(reason) <= 500),
        decided_by uuid not null references user_account,
        decided_at timestamptz not null default now()
      );
      create index counter_correction_reading on counter_correction (device_id, metric, at, message_key, id desc);
      create trigger counter_correction_append_only before update or delete or truncate on counter_correction
        for each statement execute function refuse_change();

      -- Raw before raw_kept_from counts as gone from raw_closed_at on, and its partitions are dropped some hours later, when
      -- every process has learnt to refuse it. Placements up to backfilled_to have days; null = all have.
      create table storage_state (
        only_row boolean primary key default true check (only_row),
        raw_kept_from timestamptz,
        raw_closed_at timestamptz,
        backfilled_to integer
      );
      insert into storage_state (backfilled_to) select case when exists (select from usage_hour) then 0 end;

      create or replace function usage_kept_from() returns timestamptz language sql stable as $$
        select case when count(*) > 0 then greatest(
          min(substring(pg_get_expr(c.relpartbound, c.oid) from 'FROM \\(''([^'']+)''\\)')::timestamptz),
          (select raw_kept_from from storage_state)) end
        from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'usage'::regclass
      $$;

      -- Raw of undecided trials (rule K1), moved here when its partition is dropped. Ingest never writes here.
      create table usage_held (like usage including defaults, primary key (device_key, at, message_key));
      create index usage_held_placement on usage_held (placement_key, at);

      -- Which weeks of a placement are held whole.
      create table usage_held_week (
        placement_key integer not null,
        week timestamptz not null,
        rows bigint not null,
        primary key (placement_key, week)
      );

      -- What is left of hours after 24 months (rule K1): months of a unit, null where it is too small to be told (rule P4).
      create table unit_month (
        node_id uuid not null references org_node,
        is_total boolean not null,
        metric smallint not null,
        month date not null check (extract(day from month) = 1),
        count bigint,
        sum numeric,
        primary key (node_id, is_total, metric, month),
        check ((count is null) = (sum is null))
      );
      create table thinned_month (
        root_id uuid not null references org_node,
        month date not null,
        thinned_at timestamptz not null default now(),
        primary key (root_id, month)
      );

      -- Everything that was removed because its time was over, or would have been. Holds names of trials and tables only.
      create table retention_run (
        id bigint generated always as identity primary key,
        at timestamptz not null default now(),
        kind text not null check (kind in ('raw_closed','raw_dropped','held_released','hours_thinned')),
        dry_run boolean not null,
        root_id uuid,
        subject text not null,
        rule text not null,
        rows bigint not null,
        held_rows bigint not null default 0,
        ledger_rows bigint not null default 0,
        held jsonb not null default '[]'
      );
      create trigger retention_run_append_only before update or delete or truncate on retention_run
        for each statement execute function refuse_change();

      -- 4 = open. Sessions past their time are found without a look at anything else. Any other usage pays for the test
      -- of its flags alone: 7.05 CPU-ms per 1,000 rows without the index, 7.35 with it, in runs that spread by ± 15 %.
      create index usage_open on usage (at) where (flags & 4) <> 0;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back.');
  }
}
