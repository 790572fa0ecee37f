import type { Statement } from './statement.js';

/** Rule K3: a reject is kept so many days with its payload, and so are the lines of an imported file. */
export const REJECT_DAYS = 14;
/** Hours are kept 24 months (rule K1), and so is how many rejects there were in them. */
const COUNT_MONTHS = 24;

/** Removes up to $1 rejects that are older than 14 days and that no replay waits for; answers how many. */
export const PURGE_REJECTS: Statement = {
  name: 'purge_rejects',
  text: /* sql */ `
    with old as (
      select id from rejected_message
      where received_at < now() - interval '${REJECT_DAYS} days' and replay_outcome is distinct from 'waiting'
      order by received_at limit $1::int for update skip locked
    ),
    gone as (delete from rejected_message where id in (select id from old) returning 1)
    select count(*)::int as removed from gone`,
};

/** Removes up to $1 counts of rejects that are older than 24 months; answers how many. */
export const PURGE_REJECT_COUNTS: Statement = {
  name: 'purge_reject_counts',
  text: /* sql */ `
    with gone as (
      delete from rejected_count where (hour, device_key, code) in (
        select hour, device_key, code from rejected_count
        where hour < now() - interval '${COUNT_MONTHS} months' order by hour limit $1::int)
      returning 1)
    select count(*)::int as removed from gone`,
};

/** Removes up to $1 lines of files uploaded more than 14 days ago, read to their end or not; answers how many. */
export const PURGE_IMPORT_LINES: Statement = {
  name: 'purge_import_lines',
  text: /* sql */ `
    with gone as (
      delete from usage_import_line where (import_id, line) in (
        select l.import_id, l.line from usage_import_line l join usage_import i on i.id = l.import_id
        where i.uploaded_at < now() - interval '${REJECT_DAYS} days' and i.status <> 'sending' limit $1::int)
      returning 1)
    select count(*)::int as removed from gone`,
};
