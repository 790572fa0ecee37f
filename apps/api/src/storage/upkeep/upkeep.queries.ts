import { CHANGES_CHANNEL, type ChangeNotice, MAX_NOTICE_BYTES } from '#contracts';
import {
  ARE_SESSIONS_OVERDUE,
  CLOSE_SESSIONS,
  DELETE_TOUCHED_HOURS,
  DIMENSIONS_BY_METRIC,
  dropInvalidIndex,
  LIST_INVALID_INDEXES,
  LIST_UNPACKED,
  LOCK_CUSTODY,
  LOCK_PACKING,
  MARK_DAYS,
  NEXT_DEVICES,
  NOTE_REPEATING_IDS,
  NOTIFY,
  packPartition,
  READ_DEVICE_ZONES,
  RECLAIM_HOURS,
  REBUILD_TOUCHED_HOURS,
  UNLOCK_PACKING,
} from '#database';
import { FAMILIES, type FamilyCode } from '#domain';
import type { EntityManager } from 'typeorm';

/** Metric → the longest that a session of its family lasts, in seconds. */
const LONGEST_SECONDS = JSON.stringify(
  Object.fromEntries(
    Object.values(FAMILIES).flatMap(({ metrics, maxSessionSeconds }) =>
      metrics.filter(({ kind }) => kind === 'session').map(({ code }) => [code, maxSessionSeconds]),
    ),
  ),
);

/** Shuts ingest's batches out until the transaction ends: seconds at the most. */
export async function shutOutBatches(tx: EntityManager): Promise<void> {
  await tx.query(LOCK_CUSTODY.text);
}

/** Whether there is any session to close at `now`; shuts nobody out. */
export async function areSessionsOverdue(tx: EntityManager, now: Date): Promise<boolean> {
  const [row] = await tx.query<{ overdue: boolean }[]>(ARE_SESSIONS_OVERDUE.text, [LONGEST_SECONDS, now]);
  return row?.overdue ?? false;
}

/** A stored usage that was changed; unplaced when its placement is null. */
export interface ChangedUsage {
  device_key: number;
  at_ms: number;
  placement_key: number | null;
}

/** Closes up to `limit` sessions that are past their longest at `now`; see {@link CLOSE_SESSIONS}. */
export async function closeOverdue(tx: EntityManager, now: Date, limit: number): Promise<ChangedUsage[]> {
  const [rows] = await tx.query<[ChangedUsage[], number]>(CLOSE_SESSIONS.text, [LONGEST_SECONDS, now, limit]);
  return rows;
}

/** Makes the roll-up rows of devices' hours again from raw; batches must be shut out. */
export async function rebuildTouchedHours(
  tx: EntityManager,
  touched: readonly { deviceKey: number; hour: Date }[],
): Promise<void> {
  const pairs = [touched.map(({ deviceKey }) => deviceKey), touched.map(({ hour }) => hour)];
  await tx.query(DELETE_TOUCHED_HOURS.text, pairs);
  await tx.query(REBUILD_TOUCHED_HOURS.text, [...pairs, DIMENSIONS_BY_METRIC]);
}

/** What tells a device's days. */
export interface DeviceZone {
  key: number;
  zone: string;
  family: FamilyCode;
}

export async function deviceZones(tx: EntityManager, deviceKeys: readonly number[]): Promise<DeviceZone[]> {
  return tx.query(READ_DEVICE_ZONES.text, [deviceKeys]);
}

/** A placement's day whose figures have changed, and how near its end. */
export interface TouchedDay {
  placementKey: number;
  day: string;
  minutesLeft: number;
}

export async function markTouchedDays(tx: EntityManager, days: readonly TouchedDay[]): Promise<void> {
  await tx.query(MARK_DAYS.text, [
    days.map(({ placementKey }) => placementKey),
    days.map(({ day }) => day),
    days.map(({ minutesLeft }) => minutesLeft),
  ]);
}

/** Tells, when the transaction commits, that these placements' usage has changed. */
export async function announceUsage(tx: EntityManager, placements: readonly number[]): Promise<void> {
  const notice: ChangeNotice = { kind: 'usage', placements: [...placements] };
  const text = JSON.stringify(notice);
  const sent = text.length <= MAX_NOTICE_BYTES ? text : JSON.stringify({ ...notice, placements: null });
  await tx.query(NOTIFY.text, [CHANGES_CHANNEL, sent]);
}

/** A municipality's devices in the order of their keys, `limit` after a key. */
export async function nextDevices(
  tx: EntityManager,
  rootId: string,
  { after, limit }: { after: number; limit: number },
): Promise<number[]> {
  const rows = await tx.query<{ key: number }[]>(NEXT_DEVICES.text, [rootId, after, limit]);
  return rows.map(({ key }) => key);
}

/** Notes which of the devices used an id at more than one time in [from, to) (rule U2); answers those newly found. */
export async function noteRepeatingIds(
  tx: EntityManager,
  deviceKeys: readonly number[],
  { from, to }: { from: Date; to: Date },
): Promise<number[]> {
  const rows = await tx.query<{ device_key: number }[]>(NOTE_REPEATING_IDS.text, [deviceKeys, from, to]);
  return rows.map(({ device_key }) => device_key);
}

/** Whether this connection is now the only one that packs, until it unlocks or closes. */
export async function tryPackingLock(tx: EntityManager): Promise<boolean> {
  const [row] = await tx.query<{ locked: boolean }[]>(LOCK_PACKING.text);
  return row?.locked ?? false;
}

export async function releasePackingLock(tx: EntityManager): Promise<void> {
  await tx.query(UNLOCK_PACKING.text);
}

/** The weeks of raw usage that ended before `endedBefore` and have not been packed. */
export async function listUnpacked(tx: EntityManager, endedBefore: Date): Promise<string[]> {
  return (await tx.query<{ name: string }[]>(LIST_UNPACKED.text, [endedBefore])).map(({ name }) => name);
}

/** Makes room for the next hours; see {@link RECLAIM_HOURS}. */
export async function reclaimHours(tx: EntityManager): Promise<void> {
  await tx.query(RECLAIM_HOURS);
}

/** Packs a week's indexes (see {@link packPartition}), and removes what an interrupted packing left. */
export async function packWeek(tx: EntityManager, name: string): Promise<void> {
  const left = await tx.query<{ name: string }[]>(LIST_INVALID_INDEXES.text, [name]);
  for (const index of left) await tx.query(dropInvalidIndex(index.name));
  for (const statement of packPartition(name)) await tx.query(statement);
}
