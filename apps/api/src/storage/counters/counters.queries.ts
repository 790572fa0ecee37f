import type { CorrectCounter } from '#contracts';
import { DAY_STARTS_BY_FAMILY, MARK_DEVICE_DAYS, METRIC_LISTS, type DeviceEntity } from '#database';
import type { CounterDecision, CounterFlag } from '#domain';
import type { EntityManager } from 'typeorm';
import { happenedInScope } from '../../scope/reach.js';
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

/** A device's readings that are flagged or were decided. */
const JUDGED = /* sql */ `(
  with decision as (
    select distinct on (c.metric, c.at, c.message_key) c.*, u.name as by_name
    from counter_correction c join user_account u on u.id = c.decided_by
    where c.device_id = :deviceId order by c.metric, c.at, c.message_key, c.id desc
  )
  select metric, at, message_key, coalesce(f.value, d.value) as value, f.previous, f.kind, d.decided, d.reason, d.by_name,
    d.decided_at
  from (select * from counter_flag where device_key = :deviceKey) f full join decision d using (metric, at, message_key))`;
/** When the reading was taken that another one is compared with: it may have stood elsewhere then. */
const PREVIOUS_AT = /* sql */ `(select u.at from usage u where u.device_key = :deviceKey and u.metric = judged.metric
  and u.at < judged.at and u.value = judged.previous order by u.at desc limit 1)`;

/** Column of the answer → where it comes from. */
const COLUMNS = {
  metric: 'judged.metric',
  at: 'judged.at',
  readingId: 'judged.message_key::text',
  value: 'judged.value',
  previous: `case when ${happenedInScope(':deviceId', PREVIOUS_AT)} then judged.previous end`,
  kind: 'judged.kind',
  decided: 'judged.decided',
  reason: 'judged.reason',
  byName: 'judged.by_name',
  decidedAt: 'judged.decided_at',
} as const;

/**
 * Readings of a device that are flagged or were decided, newest first: of one that is not the scope's own those of when
 * it stood there (rule U8).
 */
export async function counterReadings(
  tx: EntityManager,
  scope: Scope,
  device: Pick<DeviceEntity, 'id' | 'key'>,
): Promise<CounterReadingRow[]> {
  const query = tx
    .createQueryBuilder()
    .select([])
    .from(JUDGED, 'judged')
    .where(happenedInScope(':deviceId', 'judged.at'))
    .setParameters({ deviceId: device.id, deviceKey: device.key, nodes: scope.nodeIds, trials: scope.trialIds })
    .orderBy('judged.at', 'DESC')
    .addOrderBy('judged.metric')
    .addOrderBy('judged.message_key')
    .limit(LONGEST_LIST);
  for (const [column, source] of Object.entries(COLUMNS)) query.addSelect(source, column);
  return query.getRawMany<CounterReadingRow>();
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
    where u.device_key = $1 and u.metric = $2 and u.at = $3 and u.message_key = $4::int and u.value is not null
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
