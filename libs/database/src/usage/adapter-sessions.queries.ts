import type { Statement } from './statement.js';

/** The sessions that adapters remembered when ingest last wrote them. */
export const READ_ADAPTER_SESSIONS: Statement = {
  name: 'read_adapter_sessions',
  text: /* sql */ `
    select login_key, sender, session, gaps::float8 as gaps, last_gap_at, last_gap from adapter_session`,
};

/** Keeps sessions. $1 login keys (a gateway's is negative), $2 senders, each pair once; $3 sessions as JSON texts. */
export const RECORD_ADAPTER_SESSIONS: Statement = {
  name: 'record_adapter_sessions',
  text: /* sql */ `
    insert into adapter_session as s (login_key, sender, session)
    select login_key, sender, session::jsonb
    from unnest($1::int[], $2::text[], $3::text[]) as g(login_key, sender, session) order by 1, 2
    on conflict (login_key, sender) do update set session = excluded.session, written_at = now()`,
};

/** Keeps what is missing in all. $1 login keys, $2 senders, each pair once; $3 how many gaps, $4 the last one's time, $5 which. */
export const RECORD_ADAPTER_GAPS: Statement = {
  name: 'record_adapter_gaps',
  text: /* sql */ `
    update adapter_session s set gaps = g.gaps, last_gap_at = g.at, last_gap = g.gap
    from unnest($1::int[], $2::text[], $3::bigint[], $4::timestamptz[], $5::text[]) as g(login_key, sender, gaps, at, gap)
    where s.login_key = g.login_key and s.sender = g.sender`,
};
