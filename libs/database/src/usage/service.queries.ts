import type { Statement } from './statement.js';

/** A service says that it works: $1 its name, $2 its status as JSON. */
export const BEAT: Statement = {
  name: 'beat',
  text: /* sql */ `
    insert into service_heartbeat (service, at, status) values ($1::text, now(), $2::jsonb)
    on conflict (service) do update set at = excluded.at, status = excluded.status`,
};

/** When a service ($1) last said that it works, how many seconds ago, and its status; no row when it never did. */
export const READ_HEARTBEAT: Statement = {
  name: 'read_heartbeat',
  text: /* sql */ `
    select at, extract(epoch from now() - at)::float8 as age_seconds, status from service_heartbeat where service = $1::text`,
};

/** Sends $2 on channel $1 when the transaction commits. */
export const NOTIFY: Statement = {
  name: 'notify',
  text: /* sql */ `select pg_notify($1::text, $2::text)`,
};
