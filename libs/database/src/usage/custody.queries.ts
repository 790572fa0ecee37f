import type { Statement } from './statement.js';

/** The custody version: raised by every change of a device, a credential or a placement. */
export const READ_CUSTODY_VERSION: Statement = {
  name: 'read_custody_version',
  text: /* sql */ `select version from custody_version`,
};

/**
 * The devices changed after version $1 with all that ingest needs of them, and the version they are at; one row with a
 * null device when there are none. Pass -1 for all. Times are milliseconds.
 */
export const READ_CHANGED_DEVICES: Statement = {
  name: 'read_changed_devices',
  text: /* sql */ `
    select v.version, d.id, d.key, d.public_id, d.lifecycle, d.simulated, p.family, r.time_zone,
      (select coalesce(json_agg(json_build_object(
          'key', l.key,
          'fromMs', (extract(epoch from l.starts_at) * 1000)::float8,
          'toMs', (extract(epoch from l.ends_at) * 1000)::float8) order by l.starts_at), '[]')
        from placement l where l.device_id = d.id) as placements,
      (select coalesce(json_agg(json_build_object(
          'sha256', encode(c.secret_sha256, 'hex'),
          'endsMs', (extract(epoch from least(c.expires_at, c.revoked_at)) * 1000)::float8)), '[]')
        from device_credential c where c.device_id = d.id) as credentials
    from custody_version v
    left join (device d join product p on p.id = d.product_id join org_node r on r.id = d.root_id)
      on d.custody_version > $1::bigint`,
};
