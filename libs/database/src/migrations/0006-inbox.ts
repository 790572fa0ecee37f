import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The other ways in: messages by HTTP, entries by hand, imported files and replayed rejects, and what became of them. */
export class Inbox1763800000006 implements MigrationInterface {
  name = 'Inbox1763800000006';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- A usage that a person has entered, kept as evidence of who said so and why; raw usage itself is kept 90 days.
      create table usage_entry (
        id uuid primary key,
        root_id uuid not null references org_node,
        device_id uuid not null references device,
        key text not null check (length(key) between 1 and 40),
        metric text not null check (length(metric) between 1 and 40),
        at timestamptz not null,
        until timestamptz,
        value double precision,
        attributes jsonb not null default '{}',
        reason text not null check (length(btrim(reason)) between 1 and 500),
        entered_by uuid not null references user_account,
        entered_at timestamptz not null default now(),
        outcome text not null default 'waiting' check (outcome in ('waiting','taken','refused')),
        refusal text
      );
      create unique index usage_entry_key on usage_entry (device_id, key);
      create index usage_entry_device on usage_entry (device_id, entered_at desc);

      -- An uploaded file: read (checked), then sent to the inbox line by line; next_line is where an interrupted one goes on.
      create table usage_import (
        id uuid primary key,
        root_id uuid not null references org_node,
        node_id uuid not null references org_node,
        file_name text not null check (length(file_name) between 1 and 200),
        sha256 bytea check (octet_length(sha256) = 32),
        bytes integer not null default 0,
        status text not null default 'reading' check (status in ('reading','checked','sending','sent')),
        lines integer not null default 0,
        good integer not null default 0,
        bad integer not null default 0,
        repeated integer not null default 0,
        fault text,
        ignored_columns text[] not null default '{}',
        next_line integer not null default 0,
        taken integer not null default 0,
        refused integer not null default 0,
        reason text not null check (length(btrim(reason)) between 1 and 500),
        uploaded_by uuid not null references user_account,
        uploaded_at timestamptz not null default now(),
        sent_by uuid references user_account,
        sent_at timestamptz
      );
      create index usage_import_node on usage_import (node_id, uploaded_at desc);
      create index usage_import_file on usage_import (root_id, sha256);
      create index usage_import_reading on usage_import (uploaded_at) where status = 'reading';
      -- A file may name a device by its serial, of whatever product.
      create index device_serial_name on device (root_id, lower(serial)) where serial is not null;

      -- A line holds the usage that it means, or why it means none with the line as it was written (kept as long as rejects).
      create table usage_import_line (
        import_id uuid not null references usage_import on delete cascade,
        line integer not null,
        device_key integer,
        usage jsonb,
        column_name text,
        code text,
        reason text,
        written text,
        primary key (import_id, line),
        check ((usage is null) = (code is not null))
      );
      create index usage_import_line_bad on usage_import_line (import_id, line) where code is not null;

      -- Messages on their way to ingest's committer, which alone writes usage. A row leaves when what it holds is committed:
      -- taken at least once, and exactly once in effect (rule U1). No device: one that nobody knows.
      create table usage_inbox (
        id bigint generated always as identity primary key,
        device_key integer,
        client_name text not null,
        source text not null check (source in ('http','csv','manual','replay')),
        topic text not null,
        payload bytea not null,
        usages integer not null default 1 check (usages >= 0),
        received_at timestamptz not null default now(),
        entered_by uuid references user_account,
        entry_id uuid references usage_entry,
        import_id uuid references usage_import,
        reject_id bigint,
        clock_offset_ms bigint not null default 0,
        attempts integer not null default 0,
        not_before timestamptz
      );

      -- What became of a replay. A reject is replayed until it has been taken, never after.
      alter table rejected_message
        add column replayed_at timestamptz,
        add column replayed_by uuid references user_account,
        add column replay_offset_ms bigint,
        add column replay_outcome text check (replay_outcome in ('waiting','taken','refused')),
        add column replay_code text,
        add column replay_reason text;
      create index rejected_message_code on rejected_message (code, received_at desc);

      -- How many of the qualifying units were entered by hand; stays when raw usage has gone (rule K2).
      alter table qualifying_day add column manual integer not null default 0;
      -- 16 = entered by hand. Almost no row has it, so that counting them costs the path of messages nothing.
      create index usage_manual on usage (device_key, at) where (flags & 16) <> 0;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back.');
  }
}
