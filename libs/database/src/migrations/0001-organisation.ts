import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Organisation tree, people, grants, sessions, links and the append-only audit log. */
export class Organisation1763800000001 implements MigrationInterface {
  name = 'Organisation1763800000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      create extension if not exists btree_gist;
      create extension if not exists pg_trgm;

      -- One tree per municipality; the root carries what holds for all of it. Path runs from the root to the node itself.
      create table org_node (
        id uuid primary key,
        root_id uuid not null references org_node,
        parent_id uuid references org_node,
        kind text not null check (kind in ('municipality','committee','department','service_area','unit','place')),
        name text not null check (length(btrim(name)) between 1 and 120),
        path uuid[] not null,
        valid_from date not null,
        valid_to date,
        time_zone text,
        demo boolean not null default false,
        created_at timestamptz not null default now(),
        check (valid_to > valid_from),
        check ((parent_id is null) = (kind = 'municipality')),
        check ((parent_id is null) = (time_zone is not null)),
        check (parent_id is null or not demo),
        check (path[1] = root_id and path[cardinality(path)] = id)
      );
      create index org_node_path on org_node using gin (path);
      create unique index org_node_name on org_node (parent_id, lower(name)) where valid_to is null;

      create table user_account (
        id uuid primary key,
        root_id uuid not null references org_node,
        email text not null check (length(email) between 3 and 254),
        name text not null check (length(btrim(name)) between 1 and 120),
        password_hash text,
        locale text not null default 'sv' check (locale in ('sv','en')),
        disabled_at timestamptz,
        created_at timestamptz not null default now()
      );
      create unique index user_account_email on user_account (lower(email));
      create index user_account_root on user_account (root_id);

      create table web_session (
        token_hash bytea primary key,
        user_id uuid not null references user_account,
        created_at timestamptz not null default now(),
        last_used_at timestamptz not null default now(),
        expires_at timestamptz not null,
        user_agent text
      );
      create index web_session_user on web_session (user_id);

      -- Invitations, password resets and the first administrator's link: only the hash of the token is kept.
      create table one_time_link (
        token_hash bytea primary key,
        kind text not null check (kind in ('first_administrator','invitation','password_reset')),
        user_id uuid references user_account,
        created_by uuid references user_account,
        created_at timestamptz not null default now(),
        expires_at timestamptz not null,
        used_at timestamptz,
        check ((kind = 'first_administrator') = (user_id is null))
      );

      create table failed_login (
        id bigint generated always as identity primary key,
        account_hash bytea not null,
        address text not null,
        at timestamptz not null default now()
      );
      create index failed_login_account on failed_login (account_hash, at);
      create index failed_login_address on failed_login (address, at);

      create table audit_log (
        id bigint generated always as identity primary key,
        at timestamptz not null default now(),
        root_id uuid,
        actor_id uuid,
        actor_name text not null,
        action text not null,
        subject_kind text not null,
        subject_id text,
        reason text,
        changes jsonb not null default '{}'
      );
      create index audit_log_root on audit_log (root_id, id desc);
      create index audit_log_subject on audit_log (subject_kind, subject_id, id desc);
      create function refuse_change() returns trigger language plpgsql as $$
      begin
        raise exception 'rows of % can only be added, never changed or removed', tg_table_name using errcode = 'restrict_violation';
      end $$;
      create trigger audit_log_append_only before update or delete or truncate on audit_log
        for each statement execute function refuse_change();
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back.');
  }
}
