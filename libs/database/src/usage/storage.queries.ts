import type { Statement } from './statement.js';

/** Raw is closed so long before it is dropped, so that every ingest process has learnt to refuse its times (rule U5). */
export const CLOSED_BEFORE_DROP_MS = 2 * 3_600_000;

/** The weekly partitions of raw usage with their bounds, oldest first; rows as last estimated, null = never. */
export const READ_PARTITIONS: Statement = {
  name: 'read_partitions',
  text: /* sql */ `
    select c.relname as name,
      substring(pg_get_expr(c.relpartbound, c.oid) from 'FROM \\(''([^'']+)''\\)')::timestamptz as from_at,
      substring(pg_get_expr(c.relpartbound, c.oid) from 'TO \\(''([^'']+)''\\)')::timestamptz as to_at,
      nullif(c.reltuples, -1)::float8 as rows, pg_table_size(c.oid) as heap_bytes, pg_indexes_size(c.oid) as index_bytes
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'usage'::regclass order by 2`,
};

/** The sizes of the other tables that usage fills; rows as last estimated, null = never. */
export const READ_TABLE_SIZES: Statement = {
  name: 'read_table_sizes',
  text: /* sql */ `
    select c.relname as name, nullif(c.reltuples, -1)::float8 as rows, pg_table_size(c.oid) as heap_bytes,
      pg_indexes_size(c.oid) as index_bytes
    from unnest(array['usage_ledger', 'usage_hour', 'usage_day', 'usage_month', 'counter_hour', 'device_life',
      'qualifying_day', 'rejected_message', 'usage_held', 'unit_month']) with ordinality as t(name, place)
    join pg_class c on c.oid = to_regclass(t.name) order by t.place`,
};

/** From when on raw counts as kept whatever partitions there are, and since when; both null before anything was closed. */
export const READ_RAW_CLOSED: Statement = {
  name: 'read_raw_closed',
  text: /* sql */ `
    select (extract(epoch from raw_kept_from) * 1000)::float8 as kept_from_ms,
      (extract(epoch from raw_closed_at) * 1000)::float8 as closed_at_ms
    from storage_state`,
};

/** Only one process at a time removes what is over; held until the transaction ends. */
export const LOCK_RETENTION: Statement = {
  name: 'lock_retention',
  text: /* sql */ `select pg_advisory_xact_lock(7428323)`,
};

/** Raw before $1 counts as gone from $2 on; no row when it did already. */
export const CLOSE_RAW: Statement = {
  name: 'close_raw',
  text: /* sql */ `
    update storage_state set raw_kept_from = $1::timestamptz, raw_closed_at = $2::timestamptz
    where raw_kept_from is null or raw_kept_from < $1::timestamptz returning raw_kept_from`,
};

/** The lives of all trials that have placements, for rule K1. */
export const READ_TRIAL_LIVES: Statement = {
  name: 'read_trial_lives',
  text: /* sql */ `
    select t.id, t.code,
      (select coalesce(json_agg(json_build_object('stage', c.stage, 'at', c.at) order by c.at, c.id), '[]')
        from trial_stage_change c where c.trial_id = t.id) as changes
    from trial t where exists (select from placement p where p.trial_id = t.id)`,
};

/** The placements of trials ($1) that stand in the week [$2, $3). */
const HELD_IN_WEEK = /* sql */ `
  select p.key, p.trial_id from placement p
  where p.trial_id = any($1::uuid[]) and p.starts_at < $3::timestamptz and (p.ends_at is null or p.ends_at > $2::timestamptz)`;

/** How many rows of a partition would be removed, and how many are held for each trial; see {@link holdPartition}. */
export function countPartition(name: string): string {
  return /* sql */ `
    with held as (${HELD_IN_WEEK})
    select h.trial_id, count(*) as rows from ${partitionNamed(name)} u left join held h on h.key = u.placement_key
    group by 1 order by 1`;
}

/**
 * Copies the rows of a partition that belong to trials ($1) to what is held, and notes their placements' week [$2, $3)
 * as held whole. Idempotent.
 */
export function holdPartition(name: string): string {
  return /* sql */ `
    with held as materialized (${HELD_IN_WEEK}),
    moved as (
      insert into usage_held select u.* from ${partitionNamed(name)} u where u.placement_key in (select key from held)
      on conflict do nothing returning placement_key
    ),
    counted as (select placement_key, count(*) as rows from moved group by 1)
    insert into usage_held_week (placement_key, week, rows)
    select h.key, $2::timestamptz, coalesce(c.rows, 0) from held h left join counted c on c.placement_key = h.key
    on conflict (placement_key, week) do update set rows = usage_held_week.rows + excluded.rows`;
}

/** Removes a partition with its rows; it takes a lock on all of usage for a moment, so wait for it with a time limit. */
export function dropPartition(name: string): string {
  return `drop table ${partitionNamed(name)}`;
}

const PACKED = 'packed';

/** Whether this connection may pack until {@link UNLOCK_PACKING}: two at once would take each other's indexes for debris. */
export const LOCK_PACKING: Statement = {
  name: 'lock_packing',
  text: /* sql */ `select pg_try_advisory_lock(7428324) as locked`,
};

export const UNLOCK_PACKING: Statement = {
  name: 'unlock_packing',
  text: /* sql */ `select pg_advisory_unlock(7428324)`,
};

/** The partitions of weeks that ended before $1 and have not been packed, oldest first. */
export const LIST_UNPACKED: Statement = {
  name: 'list_unpacked',
  text: /* sql */ `
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'usage'::regclass and obj_description(c.oid, 'pg_class') is distinct from '${PACKED}'
      and substring(pg_get_expr(c.relpartbound, c.oid) from 'TO \\(''([^'']+)''\\)')::timestamptz < $1::timestamptz
    order by 1`,
};

/** Indexes of partition $1 that an interrupted packing has left behind. */
export const LIST_INVALID_INDEXES: Statement = {
  name: 'list_invalid_indexes',
  text: /* sql */ `
    select c.relname as name from pg_index x join pg_class c on c.oid = x.indexrelid
    where x.indrelid = to_regclass($1::text) and not x.indisvalid and c.relname ~ '_cc(new|old)[0-9]*$' order by 1`,
};

/**
 * Builds a week's indexes anew, beside its readers and writers: devices write at many places of an index at once, which
 * leaves its pages half full. Each statement by itself, outside any transaction.
 */
export function packPartition(name: string): string[] {
  const partition = partitionNamed(name);
  return [`reindex table concurrently ${partition}`, `comment on table ${partition} is '${PACKED}'`];
}

/**
 * Lets the next hours be written where yesterday's changes have left room: pages are filled to four fifths, an hour's row
 * is written anew with each batch, and what that leaves is found again only after a vacuum. By itself, outside any transaction.
 */
export const RECLAIM_HOURS = 'vacuum usage_hour';

/** Removes an index that an interrupted packing has left; by itself, outside any transaction. */
export function dropInvalidIndex(name: string): string {
  if (!/^\w+_cc(new|old)\d*$/.test(name)) throw new Error(`${name} was not left by a packing.`);
  return `drop index concurrently if exists ${name}`;
}

function partitionNamed(name: string): string {
  if (!/^usage_\d{8}$/.test(name)) throw new Error(`${name} is no partition of usage.`);
  return name;
}

/** Purges the ledger of ids without a time for what was given times before $1 (rule U6). */
export const PURGE_LEDGER: Statement = {
  name: 'purge_ledger',
  text: /* sql */ `
    with gone as (delete from usage_ledger where at < $1::timestamptz returning 1) select count(*) as rows from gone`,
};

/** How many entries {@link PURGE_LEDGER} would purge. */
export const COUNT_LEDGER: Statement = {
  name: 'count_ledger',
  text: /* sql */ `select count(*) as rows from usage_ledger where at < $1::timestamptz`,
};

/**
 * Held weeks whose time is over: of trials other than $1, or begun before $2. Answers what there is of each placement.
 */
export const LIST_RELEASABLE: Statement = {
  name: 'list_releasable',
  text: /* sql */ `
    select w.placement_key, p.root_id, p.trial_id, t.code, array_agg(w.week order by w.week) as weeks,
      sum(w.rows)::bigint as rows
    from usage_held_week w
    left join placement p on p.key = w.placement_key
    left join trial t on t.id = p.trial_id
    where p.trial_id is null or p.trial_id <> all($1::uuid[]) or w.week < $2::timestamptz
    group by 1, 2, 3, 4 order by 1`,
};

/**
 * Removes the held rows of a placement ($1) in weeks ($2); what is not whole any more is not held any more. Answers how
 * many of the weeks were still held.
 */
export const RELEASE_WEEKS: Statement = {
  name: 'release_weeks',
  text: /* sql */ `
    with weeks as (
      delete from usage_held_week where placement_key = $1::int and week = any($2::timestamptz[]) returning week
    ),
    gone as (
      delete from usage_held u using weeks w
      where u.placement_key = $1::int and u.at >= w.week and u.at < w.week + interval '7 days' returning 1
    )
    select (select count(*) from weeks)::int as weeks, count(*) as rows from gone`,
};

/** Raw that is held, by trial: rows, and from the first week's beginning to the last one's end. */
export const READ_HELD: Statement = {
  name: 'read_held',
  text: /* sql */ `
    select p.trial_id, sum(w.rows)::bigint as rows, min(w.week) as from_at, max(w.week) + interval '7 days' as to_at
    from usage_held_week w join placement p on p.key = w.placement_key
    where p.trial_id = any($1::uuid[]) group by 1`,
};

/** Writes what was removed, or would have been: $1 kind, $2 dry run, $3 municipality, $4 subject, $5 rule, $6 rows, $7
 * rows held, $8 ledger entries, $9 the held trials as JSON, $10 when. */
export const RECORD_RETENTION: Statement = {
  name: 'record_retention',
  text: /* sql */ `
    insert into retention_run (kind, dry_run, root_id, subject, rule, rows, held_rows, ledger_rows, held, at)
    values ($1::text, $2::boolean, $3::uuid, $4::text, $5::text, $6::bigint, $7::bigint, $8::bigint, $9::jsonb,
      $10::timestamptz)`,
};

/** The last $2 runs that concern a municipality ($1) or the whole installation, newest first. */
export const READ_RETENTION: Statement = {
  name: 'read_retention',
  text: /* sql */ `
    select id::text as id, at, kind, dry_run, subject, rule, rows, held_rows, ledger_rows, held from retention_run
    where root_id is null or root_id = any($1::uuid[]) order by retention_run.id desc limit $2::int`,
};
