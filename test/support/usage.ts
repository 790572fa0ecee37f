import { CHANGES_CHANNEL } from '#contracts';
import {
  createPartition,
  type DeviceEntity,
  LIST_PARTITIONS,
  LOCK_PARTITIONS,
  OrgNodeEntity,
  partitionName,
  type PlacementEntity,
  ProductEntity,
  READ_CUSTODY_VERSION,
  rebuildHours,
  RECORD_USAGE,
} from '#database';
import { type Attributes, dayBounds, dimensionsKey, FAMILIES, hourStart, localDay, metricByName } from '#domain';
import type { EntityManager } from 'typeorm';
import type { TestApi } from './api.js';

/** A usage as a device would report it. */
export interface GivenUsage {
  at: string | Date;
  /** The lock's opening unless given. */
  metric?: string;
  /** 1 unless given; null = an open session. */
  value?: number | null;
  attributes?: Attributes;
}

const WEEK_MS = 7 * 86_400_000;
const FIRST_MONDAY_MS = Date.UTC(1970, 0, 5);
let lastMessage = 0;

/** A device with the placement that owns the usage; without one it is unplaced (rule U8). */
export interface Placed {
  device: DeviceEntity;
  placement: PlacementEntity | null;
}

/** Stores usages of a device in one transaction; see {@link insertUsage}. */
export async function recordUsage(api: TestApi, placed: Placed, usages: readonly GivenUsage[]): Promise<void> {
  await api.db.transaction((tx) => insertUsage(tx, placed, usages));
}

/** Stores usages by the very statement of ingest and tells the API as ingest does; partitions are made as needed. */
export async function insertUsage(tx: EntityManager, placed: Placed, usages: readonly GivenUsage[]): Promise<void> {
  const { device, placement } = placed;
  const product = await tx.findOneByOrFail(ProductEntity, { id: device.productId });
  const root = await tx.findOneByOrFail(OrgNodeEntity, { id: device.rootId });
  const rows = usages.map((usage) => rowOf(usage, { product, zone: root.timeZone ?? '' }));
  rows.sort((one, other) => one.at.getTime() - other.at.getTime() || one.message - other.message);
  for (const { at } of rows) await ensurePartition(tx, at);
  const [custody] = await tx.query<{ version: number }[]>(READ_CUSTODY_VERSION.text);
  const hours = [...new Set(rows.map(({ at }) => hourStart(at.getTime())))].map((hour) => new Date(hour));
  const of = <T>(value: (row: (typeof rows)[number]) => T): T[] => rows.map(value);
  await tx.query(RECORD_USAGE.text, [
    custody?.version,
    rows.length,
    of(() => device.key),
    of(({ at }) => at),
    of(({ message }) => message),
    of(() => new Date()),
    of(() => null),
    of(({ value }) => value),
    of(() => placement?.key ?? null),
    of(({ metric }) => metric),
    of(() => 0),
    of(({ attributes }) => attributes),
    of(({ dimensions }) => dimensions),
    of(({ day }) => day),
    of(({ minutesLeft }) => minutesLeft),
    hours.map(() => device.key),
    hours,
    0,
  ]);
  const notice = { kind: 'usage', placements: placement ? [placement.key] : [] };
  await tx.query('select pg_notify($1, $2)', [CHANGES_CHANNEL, JSON.stringify(notice)]);
}

function rowOf(usage: GivenUsage, { product, zone }: { product: ProductEntity; zone: string }) {
  const at = new Date(usage.at);
  const metric = metricByName(product.family, usage.metric ?? 'unlock');
  if (!metric) throw new Error(`${product.family} has no metric ${usage.metric}.`);
  const attributes = usage.attributes ?? {};
  const { dayStartsAtHour } = FAMILIES[product.family];
  const day = localDay(at.getTime(), zone, dayStartsAtHour);
  return {
    at,
    message: (lastMessage += 1),
    metric: metric.code,
    value: usage.value === undefined ? 1 : usage.value,
    attributes: JSON.stringify(attributes),
    dimensions: dimensionsKey(metric, attributes),
    day,
    minutesLeft: Math.floor((dayBounds(day, zone, dayStartsAtHour).to - at.getTime()) / 60_000),
  };
}

const partitions = new WeakMap<object, Set<string>>();

/** Makes the partition that an instant needs, unless there is one. */
export async function ensurePartition(tx: EntityManager, at: Date): Promise<void> {
  const monday = FIRST_MONDAY_MS + Math.floor((at.getTime() - FIRST_MONDAY_MS) / WEEK_MS) * WEEK_MS;
  const known = partitions.get(tx.connection) ?? new Set();
  partitions.set(tx.connection, known);
  if (known.has(partitionName(monday))) return;
  await tx.query(LOCK_PARTITIONS.text);
  const made = await tx.query<{ name: string }[]>(LIST_PARTITIONS.text);
  made.forEach(({ name }) => known.add(name));
  if (!known.has(partitionName(monday))) for (const statement of createPartition(monday)) await tx.query(statement);
  known.add(partitionName(monday));
}

/** A lock's successful opening by staff: what the keyless rule counts. */
export const opening = (at: string | Date): GivenUsage => ({
  at,
  attributes: { result: 'success', actor_role: 'staff' },
});
/** A lock's failed opening by staff: what the keyless rule takes off. */
export const failure = (at: string | Date): GivenUsage => ({
  at,
  attributes: { result: 'failure', actor_role: 'staff' },
});
/** A relative's opening: an event that no rule counts. */
export const visit = (at: string | Date): GivenUsage => ({
  at,
  attributes: { result: 'success', actor_role: 'relative' },
});

/** A metric that no family has: a counter, until one does. Its hours are made as for any other metric. */
export const COUNTER_METRIC = 901;

/** Stores readings of a counter, and their hours; the reading's place in the list, from 1, is its id. */
export async function recordReadings(
  api: TestApi,
  { device, placement }: Placed,
  readings: readonly (readonly [at: string, value: number])[],
): Promise<void> {
  await api.db.transaction(async (tx) => {
    for (const [index, [at, value]] of readings.entries()) {
      await ensurePartition(tx, new Date(at));
      await tx.query(
        `insert into usage (at, message_key, received_at, value, device_key, placement_key, metric)
         values ($1::timestamptz, $2, $1::timestamptz, $3, $4, $5, $6)`,
        [at, index + 1, value, device.key, placement?.key ?? null, COUNTER_METRIC],
      );
      await rebuildHours(tx, device.key, [at, new Date(Date.parse(at) + 1)]);
    }
  });
}
