import type { Statement } from './statement.js';

/** Only one process makes partitions at a time; held until the transaction ends. */
export const LOCK_PARTITIONS: Statement = {
  name: 'lock_partitions',
  text: /* sql */ `select pg_advisory_xact_lock(7428312)`,
};

/** The weeks that have a partition, by its name. */
export const LIST_PARTITIONS: Statement = {
  name: 'list_partitions',
  text: /* sql */ `
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'usage'::regclass order by 1`,
};

/** The oldest instant of which raw usage is kept, in milliseconds, and the end of the newest partition. */
export const READ_PARTITION_RANGE: Statement = {
  name: 'read_partition_range',
  text: /* sql */ `
    select (extract(epoch from usage_kept_from()) * 1000)::float8 as from_ms,
      (extract(epoch from max(substring(pg_get_expr(c.relpartbound, c.oid) from 'TO \\(''([^'']+)''\\)')::timestamptz)) * 1000)::float8 as to_ms
    from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'usage'::regclass`,
};

/**
 * Makes the partition of the week starting on a Monday (UTC) as a table of its own and then attaches it: made in place it
 * would lock all of usage exclusively (rule U6). The CHECK spares attaching a look at the rows.
 */
export function createPartition(mondayMs: number): string[] {
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  const [from, to] = [day(mondayMs), day(mondayMs + 7 * 86_400_000)];
  const name = partitionName(mondayMs);
  const range = `at >= '${from} 00:00+00' and at < '${to} 00:00+00'`;
  return [
    `create table ${name} (like usage including defaults including indexes, constraint ${name}_week check (${range}))`,
    `alter table usage attach partition ${name} for values from ('${from} 00:00+00') to ('${to} 00:00+00')`,
    `alter table ${name} drop constraint ${name}_week`,
  ];
}

/** `usage_20261116` for the week that starts on that Monday. */
export function partitionName(mondayMs: number): string {
  return `usage_${new Date(mondayMs).toISOString().slice(0, 10).replaceAll('-', '')}`;
}
