import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The lower 32 of 64 bits, as a signed integer. */
const LOWER_HALF = `(((message_key & 4294967295) # 2147483648) - 2147483648)::integer`;

/**
 * Usage in fewer bytes (ADR 12): of a message's hash 32 bits are stored, which makes the duplicate key small enough for
 * PostgreSQL to fill its pages in the order of time. Copies all usage there is; the weeks stay as they are.
 */
export class NarrowUsage1763800000010 implements MigrationInterface {
  name = 'NarrowUsage1763800000010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      create temporary table wide_week on commit drop as
        select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bounds
        from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'usage'::regclass;
      create temporary table wide_usage on commit drop as select * from usage;
      create temporary table wide_held on commit drop as select * from usage_held;
      drop table usage, usage_held;

      -- One usage. (device, at, message) is the duplicate key (rule U1): at is the device's own time, identical on redelivery.
      -- No foreign keys: a batch must not pay for them. Columns are ordered for the least padding.
      create table usage (
        at timestamptz not null,
        received_at timestamptz not null,
        until timestamptz,
        value double precision,
        device_key integer not null,
        placement_key integer,
        message_key integer not null,
        metric smallint not null,
        flags smallint not null default 0,
        attributes jsonb,
        primary key (device_key, at, message_key)
      ) partition by range (at);
      create index usage_manual on usage (device_key, at) where (flags & 16) <> 0;
      create index usage_open on usage (at) where (flags & 4) <> 0;
      do $$
      declare week record;
      begin
        for week in select * from wide_week loop
          execute format('create table %I partition of usage %s', week.name, week.bounds);
        end loop;
      end $$;
      create table usage_held (like usage including defaults, primary key (device_key, at, message_key));
      create index usage_held_placement on usage_held (placement_key, at);

      ${copy('wide_usage', 'usage')}
      ${copy('wide_held', 'usage_held')}
      alter table counter_flag alter column message_key type integer using ${LOWER_HALF};
      alter table counter_correction alter column message_key type integer using ${LOWER_HALF};
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back.');
  }
}

/** In the order of the key: neighbours in the index are neighbours in the table. */
function copy(from: string, to: string): string {
  return /* sql */ `
      insert into ${to} (at, received_at, until, value, device_key, placement_key, message_key, metric, flags, attributes)
      select at, received_at, until, value, device_key, placement_key, ${LOWER_HALF}, metric, flags, attributes
      from ${from} order by device_key, at;`;
}
