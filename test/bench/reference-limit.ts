import pg from 'pg';
import { float8Array, int4Array, int8Array, timestamptzArray } from './binary-arrays.js';

/**
 * The frozen limit that the product is measured against: usages straight into PostgreSQL over one connection, 1,000 a batch,
 * with a unique index for dedupe and an hourly roll-up in the same transaction. Schema and statement are never changed, so
 * that a ratio means the same in every run.
 */
const SCHEMA = /* sql */ `
  create table reference_usage (
    device integer not null, at timestamptz not null, message bigint not null, metric integer not null, value double precision,
    primary key (device, at, message)
  );
  create table reference_hour (
    device integer not null, metric integer not null, hour timestamptz not null, count integer not null, sum double precision not null,
    primary key (device, metric, hour)
  ) with (fillfactor = 70)`;

const BATCH = /* sql */ `
  with added as (
    insert into reference_usage (device, at, message, metric, value)
    select * from unnest($1::int4[], $2::timestamptz[], $3::int8[], $4::int4[], $5::float8[])
    on conflict do nothing
    returning device, metric, at, value
  )
  insert into reference_hour as h (device, metric, hour, count, sum)
  select device, metric, date_trunc('hour', at, 'UTC'), count(*), sum(value) from added group by 1, 2, 3
  on conflict (device, metric, hour) do update set count = h.count + excluded.count, sum = h.sum + excluded.sum`;

const BATCH_ROWS = 1000;
const DEVICES = 100;

export interface LimitResult {
  rows: number;
  seconds: number;
}

/** Writes that many distinct rows into a fresh database and checks that they are all there. */
export async function runLimit(databaseUrl: string, rows: number): Promise<LimitResult> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(SCHEMA);
    await client.query('checkpoint');
    const startMs = Date.now() - 2 * 3_600_000;
    const started = performance.now();
    for (let from = 0; from < rows; from += BATCH_ROWS) {
      await client.query({
        name: 'batch',
        text: BATCH,
        values: batchOf(from, Math.min(BATCH_ROWS, rows - from), startMs),
      });
    }
    const seconds = (performance.now() - started) / 1000;
    const { rows: counted } = await client.query<{ rows: string; rolled: string }>(
      'select (select count(*) from reference_usage) as rows, (select sum(count) from reference_hour) as rolled',
    );
    if (Number(counted[0]?.rows) !== rows || Number(counted[0]?.rolled) !== rows)
      throw new Error('The reference program lost rows.');
    return { rows, seconds };
  } finally {
    await client.end();
  }
}

/** Milliseconds of committing a single row after {@link runLimit}, the median of a few hundred. */
export async function measureCommit(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const times: number[] = [];
    for (let n = 0; n < SINGLE_COMMITS; n += 1) {
      const started = performance.now();
      await client.query({ name: 'batch', text: BATCH, values: batchOf(n, 1, Date.now()) });
      times.push(performance.now() - started);
    }
    return times.sort((one, other) => one - other)[SINGLE_COMMITS / 2] ?? Number.NaN;
  } finally {
    await client.end();
  }
}

const SINGLE_COMMITS = 400;

/** Rows in the order of the table's key, as a real batch would be sorted. */
function batchOf(from: number, count: number, startMs: number): Buffer[] {
  const numbers = Array.from({ length: count }, (_, index) => from + index);
  const rows = numbers.map((n) => ({ device: n % DEVICES, at: startMs + Math.floor(n / DEVICES) * 1000, n }));
  rows.sort((a, b) => a.device - b.device || a.at - b.at);
  return [
    int4Array(rows.map((row) => row.device)),
    timestamptzArray(rows.map((row) => row.at)),
    int8Array(rows.map((row) => BigInt(row.n))),
    int4Array(rows.map(() => 1)),
    float8Array(rows.map((row) => (row.n % 97) / 2)),
  ];
}
