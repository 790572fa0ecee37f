import type { Statement } from './statement.js';

/** The gateways changed after version $1, with the devices that they may speak for and their secrets. Pass -1 for all. */
export const READ_CHANGED_GATEWAYS: Statement = {
  name: 'read_changed_gateways',
  text: /* sql */ `
    select g.id, g.key, g.public_id, g.ecosystem, g.topic_prefix, g.ended_at is not null as ended,
      (select coalesce(json_agg(json_build_object('name', c.external_name, 'deviceKey', d.key)), '[]')
        from gateway_child c join device d on d.id = c.device_id
        where c.gateway_id = g.id and c.ends_at is null and g.ended_at is null) as children,
      (select coalesce(json_agg(json_build_object(
          'sha256', encode(c.secret_sha256, 'hex'),
          'endsMs', (extract(epoch from least(c.expires_at, c.revoked_at, g.ended_at)) * 1000)::float8)), '[]')
        from gateway_credential c where c.gateway_id = g.id) as credentials
    from gateway g where g.custody_version > $1::bigint`,
};

/** The mappings changed after version $1, older versions of each first. Pass -1 for all. */
export const READ_CHANGED_MAPPINGS: Statement = {
  name: 'read_changed_mappings',
  text: /* sql */ `
    select product_id, ecosystem, rules from product_mapping where custody_version > $1::bigint
    order by product_id, ecosystem, version`,
};

/** Which product a device is of, for devices of mapped products where either changed after version $1. */
export const READ_MAPPED_DEVICES: Statement = {
  name: 'read_mapped_devices',
  text: /* sql */ `
    select d.key, d.product_id from device d
    where exists (select from product_mapping m where m.product_id = d.product_id
      and (m.custody_version > $1::bigint or d.custody_version > $1::bigint))`,
};

/** What mappings remembered of the devices when ingest last wrote it. */
export const READ_MAPPING_MEMORY: Statement = {
  name: 'read_mapping_memory',
  text: /* sql */ `select device_key, memory from mapping_memory`,
};

/** Keeps what mappings remember. $1 device keys, each once; $2 memories as JSON texts. */
export const RECORD_MAPPING_MEMORY: Statement = {
  name: 'record_mapping_memory',
  text: /* sql */ `
    insert into mapping_memory as m (device_key, memory)
    select device_key, memory::jsonb from unnest($1::int[], $2::text[]) as g(device_key, memory) order by 1
    on conflict (device_key) do update set memory = excluded.memory, written_at = now()`,
};

/** Names kept per gateway: a gateway for a whole town has more devices than strangers. */
export const HEARD_NAMES_KEPT = 200;

/**
 * Notes names that gateways spoke for without being granted them. $1 gateway keys, $2 names, each pair once, $3 when last
 * heard, $4 how many messages, $5 the number of names kept per gateway.
 */
export const RECORD_HEARD: Statement = {
  name: 'record_heard',
  text: /* sql */ `
    insert into gateway_heard as h (gateway_key, external_name, first_at, last_at, messages)
    select gateway_key, external_name, at, at, messages
    from unnest($1::int[], $2::text[], $3::timestamptz[], $4::bigint[]) as g(gateway_key, external_name, at, messages)
    where exists (select from gateway_heard k where k.gateway_key = g.gateway_key and k.external_name = g.external_name)
      or (select count(*) from gateway_heard k where k.gateway_key = g.gateway_key) < $5::int
    order by 1, 2
    on conflict (gateway_key, external_name) do update
    set last_at = greatest(h.last_at, excluded.last_at), messages = h.messages + excluded.messages`,
};

/** Forgets names that have not been heard since $1 (rule K3: 14 days). */
export const FORGET_HEARD: Statement = {
  name: 'forget_heard',
  text: /* sql */ `delete from gateway_heard where last_at < $1::timestamptz`,
};

/**
 * What was noticed of gateways: $1 keys, each once; $2 connected or null, $3 when that changed or null, $4 when a message
 * was last received or null.
 */
export const RECORD_GATEWAY_SIGNALS: Statement = {
  name: 'record_gateway_signals',
  text: /* sql */ `
    insert into gateway_signal as s (gateway_key, connected, connection_changed_at, last_received_at)
    select key, coalesce(connected, false), changed_at, received_at
    from unnest($1::int[], $2::boolean[], $3::timestamptz[], $4::timestamptz[]) as g(key, connected, changed_at, received_at)
    order by 1
    on conflict (gateway_key) do update set
      connected = case when excluded.connection_changed_at is null then s.connected else excluded.connected end,
      connection_changed_at = coalesce(excluded.connection_changed_at, s.connection_changed_at),
      last_received_at = greatest(s.last_received_at, excluded.last_received_at)`,
};

/** No gateway is connected to a broker that starts or has stopped, since $1. */
export const DISCONNECT_GATEWAYS: Statement = {
  name: 'disconnect_gateways',
  text: /* sql */ `
    update gateway_signal set connected = false, connection_changed_at = $1::timestamptz where connected`,
};
