import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Gateways that speak for many devices, and how products' devices are understood in the words of other systems. */
export class Gateway1763800000007 implements MigrationInterface {
  name = 'Gateway1763800000007';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- One MQTT client of another system. Its name space of topics is its ecosystem's, below its own prefix.
      create table gateway (
        id uuid primary key,
        key integer generated always as identity unique,
        public_id text not null unique check (public_id ~ '^[a-z0-9][a-z0-9-]{3,63}$'),
        root_id uuid not null references org_node,
        owner_node_id uuid not null references org_node,
        name text not null check (length(btrim(name)) between 1 and 120),
        ecosystem text not null check (ecosystem in ('thingsboard','chirpstack','zigbee2mqtt','homeassistant','homie')),
        topic_prefix text not null default '' check (length(topic_prefix) <= 80 and topic_prefix !~ '[+#]'),
        custody_version bigint not null default 0,
        created_by uuid references user_account,
        created_at timestamptz not null default now(),
        -- A closed gateway has no valid secret and no devices; it stays for the log.
        ended_at timestamptz
      );
      create unique index gateway_name on gateway (root_id, lower(name)) where ended_at is null;
      create index gateway_owner on gateway (owner_node_id);
      create index gateway_custody_version on gateway (custody_version);

      create table gateway_credential (
        id uuid primary key,
        gateway_id uuid not null references gateway,
        secret_sha256 bytea not null check (octet_length(secret_sha256) = 32),
        created_by uuid references user_account,
        created_at timestamptz not null default now(),
        expires_at timestamptz,
        revoked_at timestamptz
      );
      create index gateway_credential_gateway on gateway_credential (gateway_id);

      -- For whom a gateway may speak: each device is granted by name, and only one gateway speaks for it at a time.
      create table gateway_child (
        id uuid primary key,
        gateway_id uuid not null references gateway,
        external_name text not null check (length(external_name) between 1 and 120),
        device_id uuid not null references device,
        starts_at timestamptz not null default now(),
        ends_at timestamptz check (ends_at >= starts_at),
        created_by uuid references user_account
      );
      create unique index gateway_child_name on gateway_child (gateway_id, external_name) where ends_at is null;
      create unique index gateway_child_device on gateway_child (device_id) where ends_at is null;

      -- Which field of which ecosystem is which metric of the product's family. A change is a new version.
      create table product_mapping (
        id uuid primary key,
        product_id uuid not null references product,
        ecosystem text not null check (ecosystem in ('thingsboard','chirpstack','zigbee2mqtt','homeassistant','homie')),
        version integer not null check (version >= 1),
        rules jsonb not null,
        custody_version bigint not null default 0,
        changed_by uuid references user_account,
        changed_at timestamptz not null default now(),
        unique (product_id, ecosystem, version)
      );
      create trigger product_mapping_append_only before update or delete or truncate on product_mapping
        for each statement execute function refuse_change();

      -- Ingest reloads what is stamped with a newer custody version (see device).
      create trigger gateway_raises_custody before insert or update on gateway
        for each statement execute function raise_custody_version();
      create trigger gateway_stamped before insert or update on gateway
        for each row execute function stamp_custody_version();
      create trigger product_mapping_raises_custody before insert on product_mapping
        for each statement execute function raise_custody_version();
      create trigger product_mapping_stamped before insert on product_mapping
        for each row execute function stamp_custody_version();

      create function touch_changed_gateways() returns trigger language plpgsql as $$
      begin
        update gateway set public_id = public_id where id in (select gateway_id from changed);
        return null;
      end $$;
      create trigger gateway_child_added after insert on gateway_child referencing new table as changed
        for each statement execute function touch_changed_gateways();
      create trigger gateway_child_changed after update on gateway_child referencing new table as changed
        for each statement execute function touch_changed_gateways();
      create trigger gateway_credential_added after insert on gateway_credential referencing new table as changed
        for each statement execute function touch_changed_gateways();
      create trigger gateway_credential_changed after update on gateway_credential referencing new table as changed
        for each statement execute function touch_changed_gateways();

      -- Facts that change all the time stand apart from the gateway's row.
      create table gateway_signal (
        gateway_key integer primary key,
        connected boolean not null default false,
        connection_changed_at timestamptz,
        last_received_at timestamptz
      ) with (fillfactor = 70);

      -- Names that a gateway has spoken for without being granted them: kept 14 days, as rejects are (rule K3).
      create table gateway_heard (
        gateway_key integer not null,
        external_name text not null,
        first_at timestamptz not null,
        last_at timestamptz not null,
        messages bigint not null,
        primary key (gateway_key, external_name)
      ) with (fillfactor = 70);

      -- What a mapping must remember of a device to tell a change from a repeat.
      create table mapping_memory (
        device_key integer primary key,
        memory jsonb not null,
        written_at timestamptz not null default now()
      ) with (fillfactor = 70);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back.');
  }
}
