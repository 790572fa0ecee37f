import type { Statement } from './statement.js';

/** Takes the ingest slot $1 for this connection's life, unless somebody has it. 7428313 names the locks' purpose. */
export const LOCK_WORKER_SLOT: Statement = {
  name: 'lock_worker_slot',
  text: /* sql */ `select pg_try_advisory_lock(7428313, $1::int) as locked`,
};

/** Gives back a slot that {@link LOCK_WORKER_SLOT} took. */
export const UNLOCK_WORKER_SLOT: Statement = {
  name: 'unlock_worker_slot',
  text: /* sql */ `select pg_advisory_unlock(7428313, $1::int)`,
};

/** Workers that have a session at an external broker and have not been heard of for $1 seconds. */
export const LIST_LEFT_SESSIONS: Statement = {
  name: 'list_left_sessions',
  text: /* sql */ `
    select service, status ->> 'session' as client_id from service_heartbeat
    where status ->> 'session' is not null and at < now() - make_interval(secs => $1::float8)
    order by service`,
};

/** A worker's ($1) session at the broker exists no more, and it is not expected back; its time stays as it was. */
export const END_LEFT_SESSION: Statement = {
  name: 'end_left_session',
  text: /* sql */ `
    update service_heartbeat set status = status || '{"session": null, "state": "stopped"}' where service = $1::text`,
};
