import type { CorrectCounter } from '#contracts';
import { DAY_STARTS_BY_FAMILY, MARK_DEVICE_DAYS, METRIC_LISTS, type DeviceEntity } from '#database';
import type { CounterDecision, CounterFlag } from '#domain';
import type { EntityManager } from 'typeorm';
import type { Scope } from '../../scope/scope.js';

/** A list longer than this says that something else is wrong with the device. */
const LONGEST_LIST = 500;

/** A flagged or decided reading. */
export interface CounterReadingRow {
  metric: number;
  at: Date;
  readingId: string;
  value: number;
  previous: number | null;
  kind: CounterFlag | null;
  decided: CounterDecision | null;
  reason: string | null;
  byName: string | null;
  decidedAt: Date | null;
}

/** Readings of a device (which the caller has reached by the scope) that are flagged or were decided, newest first. */
export async function counterReadings(
  tx: EntityManager,
  _scope: Scope,
  device: Pick<DeviceEntity, 'id' | 'key'>,
): Promise<CounterReadingRow[]> {
  return tx.query(
    /* sql */ `
    with decision as (
      select distinct on (c.metric, c.at, c.message_key) c.*, u.name as by_name
      from counter_correction c join user_account u on u.id = c.decided_by
      where c.device_id = $1::uuid order by c.metric, c.at, c.message_key, c.id desc
    )
    select metric, at, message_key::text as "readingId", coalesce(f.value, d.value) as value, f.previous, f.kind, d.decided,
      d.reason, d.by_name as "byName", d.decided_at as "decidedAt"
    from (select * from counter_flag where device_key = $2::int) f full join decision d using (metric, at, message_key)
    order by at desc, metric, message_key limit ${LONGEST_LIST}`,
    [device.id, device.key],
  );
}

type Reading = Pick<CorrectCounter, 'metric' | 'at' | 'readingId'>;

/** The value of a counter's stored reading; null when the device has none such, or the metric is no counter. */
export async function storedReading(
  tx: EntityManager,
  _scope: Scope,
  { device, metric, at, readingId }: Reading & { device: DeviceEntity },
): Promise<number | null> {
  const [row] = await tx.query<{ value: number }[]>(
    /* sql */ `select u.value from usage u
    where u.device_key = $1 and u.metric = $2 and u.at = $3 and u.message_key = $4::bigint and u.value is not null
      and exists (select from counter_hour h where h.device_key = u.device_key and h.metric = u.metric)`,
    [device.key, metric, at, readingId],
  );
  return row?.value ?? null;
}

/** Adds a decision; the newest one of a reading counts. */
export async function addDecision(
  tx: EntityManager,
  scope: Scope,
  { device, value, given }: { device: DeviceEntity; value: number; given: CorrectCounter },
): Promise<void> {
  const { metric, at, readingId, decided, reason } = given;
  await tx.query(
    /* sql */ `insert into counter_correction (device_id, metric, at, message_key, value, decided, reason, decided_by)
    values ($1, $2, $3, $4::bigint, $5, $6, $7, $8)`,
    [device.id, metric, at, readingId, value, decided, reason, scope.person.id],
  );
}

/** Has the worker count the day of a reading anew, and that of the next one, which is compared with it. */
export async function recount(
  tx: EntityManager,
  _scope: Scope,
  { device, metric, at }: Pick<Reading, 'metric' | 'at'> & { device: DeviceEntity },
): Promise<void> {
  const [next] = await tx.query<{ at: Date | null }[]>(
    /* sql */ `select min(at) as at from usage where device_key = $1 and metric = $2 and at > $3`,
    [device.key, metric, at],
  );
  const until = new Date((next?.at ?? new Date(at)).getTime() + 1);
  const gauges = JSON.stringify(METRIC_LISTS.gauges);
  await tx.query(MARK_DEVICE_DAYS.text, [device.key, new Date(at), until, DAY_STARTS_BY_FAMILY, gauges]);
}
