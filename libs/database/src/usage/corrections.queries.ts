import type { Statement } from './statement.js';

/**
 * SQL that is true of the raw usages that count: not those that a person has set aside (rule U7), flag 32. What reads raw
 * for a figure asks for it; what tells a repeat from a new usage does not.
 */
export const isCounted = (alias: string): string => `(${alias}.flags & 32) = 0`;

/**
 * Sets usages of a device ($1) aside, or takes them back when $6 is false: $2 times, $3 messages, all of them in [$4, $5].
 * Answers those that this changed. Batches must be shut out, and the hours of what it answers made again in the same
 * transaction.
 */
export const SET_ASIDE: Statement = {
  name: 'set_aside',
  text: /* sql */ `
    update usage u set flags = (case when $6::boolean then u.flags | 32 else u.flags & ~32 end)::smallint
    from unnest($2::timestamptz[], $3::int[]) as g(at, message_key)
    where u.device_key = $1::int and u.at = g.at and u.message_key = g.message_key
      and u.at >= $4::timestamptz and u.at <= $5::timestamptz and ((u.flags & 32) <> 0) is distinct from $6::boolean
    returning u.device_key, (extract(epoch from u.at) * 1000)::float8 as at_ms, u.placement_key`,
};

/** Adds a decision: $1 device (its id), $2 what, $3 why, $4 by whom, $5 device (its key), $6 times and $7 messages it changed. */
export const ADD_CORRECTION: Statement = {
  name: 'add_correction',
  text: /* sql */ `
    with decision as (
      insert into usage_correction (device_id, decided, reason, decided_by)
      values ($1::uuid, $2::text, $3::text, $4::uuid) returning id
    )
    insert into corrected_usage (correction_id, device_key, at, message_key)
    select d.id, $5::int, g.at, g.message_key
    from decision d cross join unnest($6::timestamptz[], $7::int[]) as g(at, message_key)`,
};

/** Forgets which usages were decided about whose raw is neither there nor held any more (rule K1). */
export const FORGET_CORRECTED: Statement = {
  name: 'forget_corrected',
  text: /* sql */ `
    delete from corrected_usage c
    where c.at < coalesce(usage_kept_from(), 'infinity')
      and not exists (
        select from usage u where u.device_key = c.device_key and u.at = c.at and u.message_key = c.message_key)
      and not exists (
        select from usage_held h where h.device_key = c.device_key and h.at = c.at and h.message_key = c.message_key)`,
};
