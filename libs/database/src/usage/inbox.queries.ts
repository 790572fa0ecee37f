import type { InboxSource } from '#domain';
import type { Statement } from './statement.js';

const COLUMNS = /* sql */ `id::text as id, device_key, client_name, source, topic, payload, usages, import_id, entry_id,
  reject_id::text as reject_id, clock_offset_ms::float8 as clock_offset_ms, attempts,
  (extract(epoch from received_at) * 1000)::float8 as received_at_ms`;

/** A row of the inbox as the statements below answer it. */
export interface InboxRow {
  readonly id: string;
  /** Null: nobody knows the device that the message names. */
  readonly device_key: number | null;
  readonly client_name: string;
  readonly source: InboxSource;
  readonly topic: string;
  readonly payload: Buffer;
  readonly usages: number;
  readonly import_id: string | null;
  readonly entry_id: string | null;
  readonly reject_id: string | null;
  readonly clock_offset_ms: number;
  readonly attempts: number;
  readonly received_at_ms: number;
}

/**
 * Puts messages into the inbox. $1 device keys (null = unknown), $2 client names, $3 source, $4 topics, $5 payloads,
 * $6 usages in each, $7 times of receipt (null = now), $8 who entered them (null = a token), $9 entries, $10 import,
 * $11 rejects, $12 clock offset in milliseconds. Arrays but $3, $8, $10 and $12, which hold for all.
 */
export const ENTER_INBOX: Statement = {
  name: 'enter_inbox',
  text: /* sql */ `
    insert into usage_inbox (device_key, client_name, source, topic, payload, usages, received_at, entered_by, entry_id,
      import_id, reject_id, clock_offset_ms)
    select g.device_key, g.client_name, $3::text, g.topic, g.payload, g.usages, coalesce(g.received_at, now()), $8::uuid,
      g.entry_id, $10::uuid, g.reject_id, $12::bigint
    from unnest($1::int[], $2::text[], $4::text[], $5::bytea[], $6::int[], $7::timestamptz[], $9::uuid[], $11::bigint[])
      with ordinality as g(device_key, client_name, topic, payload, usages, received_at, entry_id, reject_id, place)
    order by g.place`,
};

/**
 * Takes what waits, the oldest first: at most $1 rows, and none after $2 usages are reached, so that a large file never
 * crowds out what comes over MQTT. Rows that another process has taken are passed over; the locks last until the
 * transaction ends, so a crash gives everything back.
 */
export const TAKE_INBOX: Statement = {
  name: 'take_inbox',
  text: /* sql */ `
    select ${COLUMNS} from (
      select waiting.*, sum(usages) over (order by id) - usages as usages_before from (
        select * from usage_inbox where attempts = 0 order by id limit $1::int for update skip locked
      ) waiting
    ) numbered
    where usages_before < $2::int order by numbered.id`,
};

/** Takes one row that has failed before and whose time has come again: alone, so that it fails nobody else. */
export const TAKE_FAILED_INBOX: Statement = {
  name: 'take_failed_inbox',
  text: /* sql */ `
    select ${COLUMNS} from usage_inbox where attempts > 0 and not_before <= now()
    order by not_before, id limit 1 for update skip locked`,
};

/** Removes rows ($1) whose messages are committed. */
export const FINISH_INBOX: Statement = {
  name: 'finish_inbox',
  text: /* sql */ `delete from usage_inbox where id = any($1::bigint[])`,
};

/** Puts rows ($1) off after a failure: a second, then twice as long each time, at most five minutes. Never dropped. */
export const PUT_OFF_INBOX: Statement = {
  name: 'put_off_inbox',
  text: /* sql */ `
    update usage_inbox set attempts = attempts + 1,
      not_before = now() + least(interval '1 second' * 2 ^ least(attempts, 20), interval '5 minutes')
    where id = any($1::bigint[])`,
};

/** What became of replayed rejects: $1 rejects, $2 outcomes, $3 codes, $4 reasons (null when taken). */
export const SETTLE_REPLAYS: Statement = {
  name: 'settle_replays',
  text: /* sql */ `
    update rejected_message r set replay_outcome = s.outcome, replay_code = s.code, replay_reason = s.reason
    from unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) as s(id, outcome, code, reason)
    where r.id = s.id`,
};

/** What became of usages entered by hand: $1 entries, $2 outcomes, $3 why refused. */
export const SETTLE_ENTRIES: Statement = {
  name: 'settle_entries',
  text: /* sql */ `
    update usage_entry e set outcome = s.outcome, refusal = s.refusal
    from unnest($1::uuid[], $2::text[], $3::text[]) as s(id, outcome, refusal)
    where e.id = s.id`,
};

/** Counts what became of an import's usages: $1 imports (sorted), $2 taken, $3 refused. */
export const SETTLE_IMPORTS: Statement = {
  name: 'settle_imports',
  text: /* sql */ `
    update usage_import i set taken = i.taken + s.taken, refused = i.refused + s.refused
    from unnest($1::uuid[], $2::int[], $3::int[]) as s(id, taken, refused)
    where i.id = s.id`,
};

/** How many messages wait, how many of them have failed, and the age of the oldest in seconds (null = none waits). */
export const MEASURE_INBOX: Statement = {
  name: 'measure_inbox',
  text: /* sql */ `
    select count(*)::int as waiting, (count(*) filter (where attempts > 0))::int as failing,
      extract(epoch from now() - min(received_at) filter (where source <> 'replay'))::float8 as oldest_seconds
    from usage_inbox`,
};
