import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Products, devices, their credentials and placements, and the custody version that ingest checks in every batch. */
export class Inventory1763800000002 implements MigrationInterface {
  name = 'Inventory1763800000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      create table product (
        id uuid primary key,
        root_id uuid not null references org_node,
        family text not null,
        supplier text not null check (length(btrim(supplier)) between 1 and 120),
        model text not null check (length(btrim(model)) between 1 and 120),
        price_once_ore bigint not null default 0 check (price_once_ore >= 0),
        price_month_ore bigint not null default 0 check (price_month_ore >= 0),
        mdr_class text not null default 'none' check (mdr_class in ('none','I','IIa','IIb','III')),
        ce_marked boolean not null default false,
        intended_purpose text not null default '' check (length(intended_purpose) <= 2000),
        interface_openness text not null default 'unknown' check (interface_openness in ('unknown','closed','documented','open')),
        contract_reference text not null default '' check (length(contract_reference) <= 200),
        licence_count integer check (licence_count >= 0),
        created_by uuid references user_account,
        created_at timestamptz not null default now()
      );
      create unique index product_name on product (root_id, lower(supplier), lower(model));

      create table device (
        id uuid primary key,
        key integer generated always as identity unique,
        public_id text not null unique check (public_id ~ '^[a-z0-9][a-z0-9-]{3,63}$'),
        root_id uuid not null references org_node,
        owner_node_id uuid not null references org_node,
        product_id uuid not null references product,
        asset_tag text not null check (length(btrim(asset_tag)) between 1 and 40),
        serial text check (length(btrim(serial)) between 1 and 80),
        lifecycle text not null check (lifecycle in ('ordered','in_stock','on_loan','in_use','in_repair','lost','retired')),
        simulated boolean not null default false,
        expected_interval_seconds integer check (expected_interval_seconds between 1 and 2678400),
        custody_version bigint not null default 0,
        created_by uuid references user_account,
        created_at timestamptz not null default now()
      );
      create unique index device_asset_tag on device (root_id, lower(asset_tag));
      create unique index device_serial on device (product_id, lower(serial)) where serial is not null;
      create index device_owner on device (owner_node_id);
      create index device_custody_version on device (custody_version);

      -- 128 random bits need no slow hash: SHA-256 keeps 10,000 reconnecting devices affordable.
      create table device_credential (
        id uuid primary key,
        device_id uuid not null references device,
        secret_sha256 bytea not null check (octet_length(secret_sha256) = 32),
        created_by uuid references user_account,
        created_at timestamptz not null default now(),
        expires_at timestamptz,
        revoked_at timestamptz
      );
      create index device_credential_device on device_credential (device_id);

      create table trial (
        id uuid primary key,
        root_id uuid not null references org_node,
        code text not null,
        title text not null check (length(btrim(title)) between 3 and 160),
        need text not null default '' check (length(need) <= 4000),
        family text not null,
        product_id uuid references product,
        owner_node_id uuid not null references org_node,
        initiative_type text not null check (initiative_type in ('project','quality_work','innovation_project')),
        stage text not null check (stage in (
          'idea','preparation','approved','running','judgement','procurement','rollout','operation','closed','stopped','paused'
        )),
        planned_starts_on date not null,
        planned_ends_on date not null check (planned_ends_on > planned_starts_on),
        investment_on date not null,
        horizon_years integer not null check (horizon_years between 1 and 15),
        discount_rate numeric(6,4) not null check (discount_rate between 0 and 0.25),
        case_reference text not null default '' check (length(case_reference) <= 80),
        created_by uuid references user_account,
        created_at timestamptz not null default now(),
        revision integer not null default 1
      );
      create unique index trial_code on trial (root_id, code);
      create index trial_owner on trial (owner_node_id);

      create table trial_number (
        root_id uuid not null references org_node,
        year integer not null,
        last integer not null,
        primary key (root_id, year)
      );

      create table trial_node (
        trial_id uuid not null references trial,
        node_id uuid not null references org_node,
        primary key (trial_id, node_id)
      );
      create index trial_node_node on trial_node (node_id);

      create table trial_goal (
        id uuid primary key,
        trial_id uuid not null references trial,
        kind text not null check (kind in ('project','effect')),
        description text not null check (length(btrim(description)) between 1 and 500),
        indicator text not null default '' check (length(indicator) <= 200),
        baseline double precision,
        target double precision,
        better_when text not null check (better_when in ('higher','lower')),
        position integer not null
      );
      create index trial_goal_trial on trial_goal (trial_id);

      create table trial_stage_change (
        id bigint generated always as identity primary key,
        trial_id uuid not null references trial,
        stage text not null check (stage in (
          'idea','preparation','approved','running','judgement','procurement','rollout','operation','closed','stopped','paused'
        )),
        at timestamptz not null,
        by_user uuid references user_account,
        reason text not null default '' check (length(reason) <= 1000),
        recorded_at timestamptz not null default now()
      );
      create index trial_stage_change_trial on trial_stage_change (trial_id, at, id);
      create trigger trial_stage_change_append_only before update or delete or truncate on trial_stage_change
        for each statement execute function refuse_change();

      create table role_grant (
        id uuid primary key,
        user_id uuid not null references user_account,
        role text not null check (role in ('staff','it_security','project_lead','technician','manager','assessor','decider','auditor','admin')),
        node_id uuid references org_node,
        trial_id uuid references trial,
        starts_at timestamptz not null,
        ends_at timestamptz,
        granted_by uuid references user_account,
        created_at timestamptz not null default now(),
        check ((node_id is null) <> (trial_id is null)),
        check (ends_at > starts_at),
        check (granted_by is distinct from user_id)
      );
      create index role_grant_user on role_grant (user_id);
      create index role_grant_node on role_grant (node_id);
      create index role_grant_trial on role_grant (trial_id);

      -- A custody interval: usage belongs to the placement valid at event time (rule U8).
      create table placement (
        id uuid primary key,
        key integer generated always as identity unique,
        root_id uuid not null references org_node,
        device_id uuid not null references device,
        node_id uuid not null references org_node,
        trial_id uuid references trial,
        purpose text not null check (purpose in ('test','baseline','trial','operation')),
        arm text check (arm in ('intervention','comparator')),
        series_id uuid not null,
        starts_at timestamptz not null,
        ends_at timestamptz,
        created_by uuid references user_account,
        created_at timestamptz not null default now(),
        check (ends_at > starts_at),
        check ((trial_id is not null) = (purpose in ('baseline','trial'))),
        check (arm is null or trial_id is not null),
        constraint placement_no_overlap exclude using gist (device_id with =, tstzrange(starts_at, ends_at) with &&)
      );
      create index placement_node on placement (node_id);
      create index placement_trial on placement (trial_id) where trial_id is not null;

      -- Every change of a device, a credential or a placement raises the version once a statement and stamps the devices
      -- that it touched. Ingest reads the row FOR SHARE in each batch and reloads the stamped devices when it moved.
      create table custody_version (
        only_row boolean primary key default true check (only_row),
        version bigint not null
      );
      insert into custody_version (version) values (0);

      create function raise_custody_version() returns trigger language plpgsql as $$
      begin
        update custody_version set version = version + 1;
        return null;
      end $$;
      create function stamp_custody_version() returns trigger language plpgsql as $$
      begin
        select version into new.custody_version from custody_version;
        return new;
      end $$;
      create trigger device_raises_custody before insert or update on device
        for each statement execute function raise_custody_version();
      create trigger device_stamped before insert or update on device
        for each row execute function stamp_custody_version();

      create function touch_changed_devices() returns trigger language plpgsql as $$
      begin
        update device set public_id = public_id where id in (select device_id from changed);
        return null;
      end $$;
      create trigger placement_added after insert on placement referencing new table as changed
        for each statement execute function touch_changed_devices();
      create trigger placement_changed after update on placement referencing new table as changed
        for each statement execute function touch_changed_devices();
      create trigger placement_removed after delete on placement referencing old table as changed
        for each statement execute function touch_changed_devices();
      create trigger device_credential_added after insert on device_credential referencing new table as changed
        for each statement execute function touch_changed_devices();
      create trigger device_credential_changed after update on device_credential referencing new table as changed
        for each statement execute function touch_changed_devices();
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back.');
  }
}
