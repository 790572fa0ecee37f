import { dayBounds, FAMILIES, hourStart, localDay } from '#domain';
import type { EntityManager } from 'typeorm';
import {
  announceUsage,
  type ChangedUsage,
  type DeviceZone,
  deviceZones,
  markTouchedDays,
  rebuildTouchedHours,
  type TouchedDay,
} from './upkeep.queries.js';

/**
 * What follows a change of stored usages, in its own transaction and with batches shut out: their hours are made again,
 * since what was used last cannot be subtracted, their days are marked for the worker, and viewers are told.
 */
export async function followChanges(tx: EntityManager, changed: readonly ChangedUsage[]): Promise<void> {
  await rebuildTouchedHours(tx, hoursOf(changed));
  const zones = await deviceZones(tx, [...new Set(changed.map(({ device_key }) => device_key))]);
  const days = daysOf(changed, new Map(zones.map((zone) => [zone.key, zone])));
  await markTouchedDays(tx, days);
  await announceUsage(tx, [...new Set(days.map(({ placementKey }) => placementKey))]);
}

function hoursOf(changed: readonly ChangedUsage[]): { deviceKey: number; hour: Date }[] {
  const hours = changed.map(({ device_key, at_ms }) => ({ deviceKey: device_key, hour: new Date(hourStart(at_ms)) }));
  return [...new Map(hours.map((one) => [`${one.deviceKey} ${one.hour.getTime()}`, one])).values()];
}

function daysOf(changed: readonly ChangedUsage[], zones: ReadonlyMap<number, DeviceZone>): TouchedDay[] {
  return changed.flatMap(({ device_key, at_ms, placement_key }): TouchedDay[] => {
    const device = zones.get(device_key);
    if (!device || placement_key === null) return [];
    const { dayStartsAtHour } = FAMILIES[device.family];
    const day = localDay(at_ms, device.zone, dayStartsAtHour);
    const { to } = dayBounds(day, device.zone, dayStartsAtHour);
    return [{ placementKey: placement_key, day, minutesLeft: Math.floor((to - at_ms) / 60_000) }];
  });
}
