import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The message's path: raw usage, its ledger and roll-ups, dirty marks, signs of life, signals and rejects. */
export class Usage1763800000004 implements MigrationInterface {
  name = 'Usage1763800000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- One usage. (device, at, message) is the duplicate key (rule U1): at is the device's own time, identical on redelivery.
      -- No foreign keys: a batch must not pay for them. Columns are ordered for the least padding.
      create table usage (
        at timestamptz not null,
        message_key bigint not null,
        received_at timestamptz not null,
        until timestamptz,
        value double precision,
        device_key integer not null,
        placement_key integer,
        metric smallint not null,
        flags smallint not null default 0,
        attributes jsonb,
        primary key (device_key, at, message_key)
      ) partition by range (at);

      -- For ids that come without a time (rule U1): which stored time the id was given.
      create table usage_ledger (
        device_key integer not null,
        message_key bigint not null,
        at timestamptz not null,
        primary key (device_key, message_key)
      );
      create index usage_ledger_at on usage_ledger (at);

      -- Hours are UTC (rule U4). The dimensions are those that the family declares for its rules (rule U13), the shard is the
      -- writer's slot so that two workers never share a hot row. Placement 0 = unplaced. Sums are exact, whatever the order.
      create table usage_hour (
        hour timestamptz not null,
        device_key integer not null,
        placement_key integer not null,
        metric smallint not null,
        shard smallint not null default 0,
        dimensions text not null default '',
        count integer not null,
        sum numeric not null,
        first_at timestamptz not null,
        first_value double precision,
        last_at timestamptz not null,
        last_value double precision,
        primary key (device_key, hour, metric, placement_key, dimensions, shard)
      ) with (fillfactor = 70);
      create index usage_hour_placement on usage_hour (placement_key, hour);

      -- Placement-days (the municipality's days) whose qualifying units must be computed again.
      create table dirty_day (
        placement_key integer not null,
        day date not null,
        claimed boolean not null default false,
        primary key (placement_key, day, claimed)
      ) with (fillfactor = 70);

      create table qualifying_day (
        placement_key integer not null,
        rule_key integer not null,
        day date not null,
        events integer not null,
        qualifying integer not null,
        failures integer not null,
        computed_at timestamptz not null default now(),
        primary key (placement_key, rule_key, day)
      );
      create index qualifying_day_rule on qualifying_day (rule_key, day);

      -- A sign of life of any kind in that UTC hour: tells unused from silent (rule U12) and gives coverage.
      create table device_life (
        device_key integer not null,
        hour timestamptz not null,
        primary key (device_key, hour)
      );

      -- The last known facts of a device, apart from the device row because they change all the time. Never moves back in event time.
      create table device_signal (
        device_key integer primary key,
        connected boolean not null default false,
        connection_changed_at timestamptz,
        last_at timestamptz,
        last_received_at timestamptz,
        state text,
        state_at timestamptz,
        battery smallint,
        battery_at timestamptz,
        signal_dbm smallint,
        signal_at timestamptz,
        firmware text,
        firmware_at timestamptz,
        clock_skew_ms bigint,
        repeats_not_detectable boolean not null default false,
        ids_repeat boolean not null default false,
        dropped_attributes bigint not null default 0
      ) with (fillfactor = 70);

      create table rejected_message (
        id bigint generated always as identity primary key,
        received_at timestamptz not null,
        device_key integer,
        client_name text not null,
        topic text not null,
        code text not null,
        reason text not null,
        element integer,
        payload bytea,
        payload_bytes integer not null
      );
      create index rejected_message_device on rejected_message (device_key, received_at desc);
      create index rejected_message_time on rejected_message (received_at desc);

      -- Counts every reject, also those beyond the number stored per device and hour (rule K3).
      create table rejected_count (
        hour timestamptz not null,
        device_key integer not null,
        code text not null,
        count integer not null,
        primary key (hour, device_key, code)
      );

      -- When a service last said that it works, and how: its readiness, read by the API.
      create table service_heartbeat (
        service text primary key,
        at timestamptz not null,
        status jsonb not null
      );

      -- The oldest instant of which raw usage is kept: the lower bound of the oldest partition, null when there is none.
      create function usage_kept_from() returns timestamptz language sql stable as $$
        select min(substring(pg_get_expr(c.relpartbound, c.oid) from 'FROM \\(''([^'']+)''\\)')::timestamptz)
        from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'usage'::regclass
      $$;

      -- Roll-ups can only be rebuilt from raw: hours whose raw is gone stay as they are, and asking for them is refused (rule U6).
      create function refuse_rebuild_without_raw(device integer, range_from timestamptz, range_to timestamptz)
      returns void language plpgsql as $$
      declare gone timestamptz;
      begin
        select max(hour) into gone from usage_hour
        where device_key = device and hour >= date_bin('1 hour', range_from, 'epoch') and hour < range_to
          and hour < coalesce(usage_kept_from(), 'infinity');
        if gone is not null then
          raise exception 'the raw usage of device % at % is no longer kept: its hours cannot be rebuilt', device, gone
            using errcode = 'restrict_violation';
        end if;
      end $$;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back.');
  }
}
