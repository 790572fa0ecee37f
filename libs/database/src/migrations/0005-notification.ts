import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Notifications: what happened, who is told of it in the pages and by mail, and how each person wants to be told. */
export class Notification1763800000005 implements MigrationInterface {
  name = 'Notification1763800000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- One trouble, from when it began to when it was over. Without a node it concerns the whole installation. Whoever has
      -- a role on the node, on one above it or on the trial may be told of it.
      create table notification (
        id uuid primary key,
        root_id uuid references org_node on delete cascade,
        node_id uuid references org_node on delete cascade,
        trial_id uuid references trial on delete cascade,
        kind text not null,
        severity text not null check (severity in ('info','warning','critical')),
        subject_kind text,
        subject_id text,
        link text not null check (link like '/%'),
        data jsonb not null default '{}',
        dedupe_key text not null,
        created_at timestamptz not null default now(),
        closed_at timestamptz,
        check ((root_id is null) = (node_id is null)),
        check ((subject_kind is null) = (subject_id is null))
      );
      -- An ongoing trouble is told once, however often it is seen.
      create unique index notification_open on notification (kind, dedupe_key) where closed_at is null;
      create index notification_closed on notification (closed_at) where closed_at is not null;

      create table notification_recipient (
        user_id uuid not null references user_account on delete cascade,
        notification_id uuid not null references notification on delete cascade,
        in_app boolean not null,
        created_at timestamptz not null,
        read_at timestamptz,
        mail_due_at timestamptz,
        mailed_at timestamptz,
        primary key (user_id, notification_id)
      );
      create index notification_recipient_list on notification_recipient (user_id, created_at desc) where in_app;
      create index notification_recipient_unread on notification_recipient (user_id) where in_app and read_at is null;
      create index notification_recipient_mail on notification_recipient (user_id, mail_due_at)
        where mail_due_at is not null and mailed_at is null;
      create index notification_recipient_notification on notification_recipient (notification_id);

      -- The few that an alarm is raised for when they speak (rule U8).
      create index device_lost on device (key) where lifecycle = 'lost';

      -- Whole hours in the municipality's zone. Channels: kind → {"app","email"}; what is absent has the kind's default.
      create table notification_preference (
        user_id uuid primary key references user_account on delete cascade,
        quiet_from smallint check (quiet_from between 0 and 23),
        quiet_to smallint check (quiet_to between 0 and 23),
        digest_hour smallint check (digest_hour between 0 and 23),
        critical_at_once boolean not null default false,
        channels jsonb not null default '{}',
        check ((quiet_from is null) = (quiet_to is null)),
        check (quiet_from <> quiet_to)
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back.');
  }
}
