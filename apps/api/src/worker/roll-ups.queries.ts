import {
  DAY_STARTS_BY_FAMILY,
  DELETE_COUNTER_HOURS,
  LIST_COUNTER_SPANS,
  LIST_HOUR_DAYS,
  LOCK_BACKFILL,
  type MetricLists,
  NEXT_TO_BACKFILL,
  READ_COUNTER_BASELINE,
  READING_AFTER,
  READINGS_BEFORE,
  READINGS_WITHIN,
  STORE_BACKFILL,
  STORE_COUNTER_FLAGS,
  STORE_COUNTER_HOURS,
} from '#database';
import type { CounterBaseline, CounterDecision, CounterHour, CounterReading, CounterStep } from '#domain';
import type { EntityManager } from 'typeorm';
import type { PlacementDay } from './worker.queries.js';

/** A device's counter. */
export interface Counter {
  deviceKey: number;
  metric: number;
}

/** A stretch of a counter's time [from, to) in milliseconds, in whole UTC hours. */
export interface CounterSpan extends Counter {
  from: number;
  to: number;
}

/** The stretches of counters' time that placement-days touch; those whose raw is no longer kept are left out. */
export async function counterSpans(
  tx: EntityManager,
  days: readonly PlacementDay[],
  counters: readonly number[],
): Promise<CounterSpan[]> {
  const rows = await tx.query<{ device_key: number; metric: number; from_ms: number; to_ms: number }[]>(
    LIST_COUNTER_SPANS.text,
    [days.map((one) => one.placementKey), days.map((one) => one.day), DAY_STARTS_BY_FAMILY, counters],
  );
  return rows.map((row) => ({ deviceKey: row.device_key, metric: row.metric, from: row.from_ms, to: row.to_ms }));
}

interface ReadingRow {
  at_ms: number;
  id: string;
  value: number;
  placement_key: number | null;
  closes: number | null;
  decided: CounterDecision | null;
}

const readingOf = ({ at_ms, placement_key, ...rest }: ReadingRow): CounterReading => ({
  ...rest,
  at: at_ms,
  placement: placement_key,
});

/** The last two readings before an instant, newest first; what a person called wrong is passed over. */
export async function readingsBefore(tx: EntityManager, of: Counter, before: number): Promise<CounterReading[]> {
  const values = [of.deviceKey, of.metric, new Date(before), 2];
  return (await tx.query<ReadingRow[]>(READINGS_BEFORE.text, values)).map(readingOf);
}

/** The first reading from an instant on that nobody called wrong. */
export async function readingAfter(tx: EntityManager, of: Counter, from: number): Promise<CounterReading | null> {
  const [row] = await tx.query<ReadingRow[]>(READING_AFTER.text, [of.deviceKey, of.metric, new Date(from)]);
  return row ? readingOf(row) : null;
}

/** All readings of a stretch of time, in their order. */
export async function readingsWithin(tx: EntityManager, span: CounterSpan): Promise<CounterReading[]> {
  const values = [span.deviceKey, span.metric, new Date(span.from), new Date(span.to)];
  return (await tx.query<ReadingRow[]>(READINGS_WITHIN.text, values)).map(readingOf);
}

/** What the counter's hours remember of the last accepted reading before an instant, where raw does not reach. */
export async function rememberedBaseline(
  tx: EntityManager,
  of: Counter,
  before: number,
): Promise<CounterBaseline | null> {
  const values = [of.deviceKey, of.metric, new Date(before)];
  const [row] = await tx.query<{ value: number; placement_key: number | null }[]>(READ_COUNTER_BASELINE.text, values);
  return row ? { value: row.value, placement: row.placement_key } : null;
}

/** A placement whose counter's hours have changed there. */
export interface TouchedHour {
  placementKey: number;
  hour: Date;
}

/** Replaces a counter's hours and flags of a stretch of time; answers the placements' hours that were or are there. */
export async function replaceCounterHours(
  tx: EntityManager,
  span: CounterSpan,
  { hours, steps }: { hours: readonly CounterHour[]; steps: readonly CounterStep[] },
): Promise<TouchedHour[]> {
  const of = [span.deviceKey, span.metric];
  const removed = await tx.query<[{ placement_key: number; hour: Date }[], number]>(DELETE_COUNTER_HOURS.text, [
    ...of,
    new Date(span.from),
    new Date(span.to),
  ]);
  await tx.query(STORE_COUNTER_HOURS.text, [
    ...of,
    hours.map(({ hour }) => new Date(hour)),
    hours.map(({ placement }) => placement ?? 0),
    hours.map(({ delta }) => String(delta)),
    hours.map(({ resets }) => resets),
    hours.map(({ glitches }) => glitches),
    hours.map(({ unconfirmed }) => unconfirmed),
    hours.map(({ unsplit }) => unsplit),
    hours.map(({ last }) => (last ? new Date(last.at) : null)),
    hours.map(({ last }) => last?.value ?? null),
  ]);
  const flagged = steps.filter(({ flag }) => flag !== null);
  await tx.query(STORE_COUNTER_FLAGS.text, [
    ...of,
    flagged.map(({ reading }) => new Date(reading.at)),
    flagged.map(({ reading }) => reading.id),
    flagged.map(({ flag }) => flag),
    flagged.map(({ reading }) => reading.value),
    flagged.map(({ previous }) => previous),
  ]);
  const gone = removed[0].map((row) => ({ placementKey: row.placement_key, hour: row.hour }));
  const made = hours.map(({ placement, hour }) => ({ placementKey: placement ?? 0, hour: new Date(hour) }));
  return [...gone, ...made].filter(({ placementKey }) => placementKey !== 0);
}

/** The local days of placements' hours, each once. */
export async function daysOfHours(tx: EntityManager, hours: readonly TouchedHour[]): Promise<PlacementDay[]> {
  return tx.query(
    /* sql */ `select distinct p.key as "placementKey",
      local_day(g.hour, r.time_zone, coalesce(($3::jsonb ->> pr.family)::int, 0))::text as day
    from unnest($1::int[], $2::timestamptz[]) as g(placement_key, hour)
    join placement p on p.key = g.placement_key
    join device d on d.id = p.device_id
    join product pr on pr.id = d.product_id
    join org_node r on r.id = p.root_id`,
    [hours.map(({ placementKey }) => placementKey), hours.map(({ hour }) => hour), DAY_STARTS_BY_FAMILY],
  );
}

/** The key after which placements still lack the days of before days were made, locked; null when none does. */
export async function lockBackfill(tx: EntityManager): Promise<number | null> {
  const [row] = await tx.query<{ backfilled_to: number }[]>(LOCK_BACKFILL.text);
  return row?.backfilled_to ?? null;
}

export async function nextToBackfill(tx: EntityManager, after: number, limit: number): Promise<number[]> {
  const rows = await tx.query<{ key: number }[]>(NEXT_TO_BACKFILL.text, [after, limit]);
  return rows.map(({ key }) => key);
}

export async function daysWithHours(
  tx: EntityManager,
  placementKey: number,
  { gauges }: MetricLists,
): Promise<PlacementDay[]> {
  const rows = await tx.query<{ day: string }[]>(LIST_HOUR_DAYS.text, [placementKey, DAY_STARTS_BY_FAMILY, gauges]);
  return rows.map(({ day }) => ({ placementKey, day: day }));
}

/** Null: every placement has its days. */
export async function storeBackfill(tx: EntityManager, upTo: number | null): Promise<void> {
  await tx.query(STORE_BACKFILL.text, [upTo]);
}
