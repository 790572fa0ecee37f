import { dayBounds, FAMILIES, hourStart, localDay } from '#domain';
import type { DataSource, EntityManager } from 'typeorm';
import {
  announceUsage,
  areSessionsOverdue,
  type ClosedSession,
  closeOverdue,
  type DeviceZone,
  deviceZones,
  markTouchedDays,
  rebuildTouchedHours,
  shutOutBatches,
  type TouchedDay,
} from './upkeep.queries.js';

/** So many at a time, so that ingest's batches wait some milliseconds at most. */
const SESSIONS_AT_ONCE = 200;
const LONGEST_ROUNDS = 100;

/**
 * Closes open sessions that are past their family's maximum length, at it, as estimated (rule U3); answers how many. A
 * real end that comes later still replaces the estimate. What is left after {@link LONGEST_ROUNDS} is for the next time.
 * Mostly there is nothing to close: batches are shut out only when there is, and then it is looked again.
 */
export async function closeOverdueSessions(db: DataSource, now: Date, signal?: AbortSignal): Promise<number> {
  let closed = 0;
  for (let round = 0; round < LONGEST_ROUNDS && !signal?.aborted; round += 1) {
    if (!(await areSessionsOverdue(db.manager, now))) break;
    const count = await db.transaction((tx) => closeSome(tx, now));
    closed += count;
    if (count < SESSIONS_AT_ONCE) break;
  }
  return closed;
}

async function closeSome(tx: EntityManager, now: Date): Promise<number> {
  await shutOutBatches(tx);
  const sessions = await closeOverdue(tx, now, SESSIONS_AT_ONCE);
  if (sessions.length === 0) return 0;
  await rebuildTouchedHours(tx, hoursOf(sessions));
  const zones = await deviceZones(tx, [...new Set(sessions.map(({ device_key }) => device_key))]);
  const days = daysOf(sessions, new Map(zones.map((zone) => [zone.key, zone])));
  await markTouchedDays(tx, days);
  await announceUsage(tx, [...new Set(days.map(({ placementKey }) => placementKey))]);
  return sessions.length;
}

function hoursOf(sessions: readonly ClosedSession[]): { deviceKey: number; hour: Date }[] {
  const hours = sessions.map(({ device_key, at_ms }) => ({ deviceKey: device_key, hour: new Date(hourStart(at_ms)) }));
  return [...new Map(hours.map((one) => [`${one.deviceKey} ${one.hour.getTime()}`, one])).values()];
}

function daysOf(sessions: readonly ClosedSession[], zones: ReadonlyMap<number, DeviceZone>): TouchedDay[] {
  return sessions.flatMap(({ device_key, at_ms, placement_key }): TouchedDay[] => {
    const device = zones.get(device_key);
    if (!device || placement_key === null) return [];
    const { dayStartsAtHour } = FAMILIES[device.family];
    const day = localDay(at_ms, device.zone, dayStartsAtHour);
    const { to } = dayBounds(day, device.zone, dayStartsAtHour);
    return [{ placementKey: placement_key, day, minutesLeft: Math.floor((to - at_ms) / 60_000) }];
  });
}
