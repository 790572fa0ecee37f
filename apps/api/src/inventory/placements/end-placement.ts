import type { PlacementView } from '#contracts';
import { DeviceEntity, PlacementEntity, reassignPlacements } from '#database';
import { moveDevice, planPlacement } from '#domain';
import type { EntityManager } from 'typeorm';
import { audit } from '../../audit/audit.js';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { Refused } from '../refused.js';
import { assertWithinKeptUsage } from './custody-times.js';
import { overlappingPlacement, readPlacement, standsSomewhere } from './placements.queries.js';

export interface EndRequest {
  id: string;
  endsAt?: string | undefined;
  reason: string;
}

/** Ends a placement of a device that the caller may edit, now or at the time given; usage after it moves (rule D7). */
export async function endPlacement(
  tx: EntityManager,
  scope: Scope,
  { id, endsAt, reason }: EndRequest,
): Promise<PlacementView> {
  const { deviceId } = await scoped(tx, PlacementEntity, scope).get(id);
  const device = await scoped(tx, DeviceEntity, scope).lock(deviceId);
  const placement = await scoped(tx, PlacementEntity, scope).get(id);
  const now = new Date();
  if (placement.endsAt !== null && placement.endsAt <= now) {
    throw new Refused('ended_already', `The placement ended at ${placement.endsAt.toISOString()}.`);
  }
  await closePlacement(tx, scope, { device, placement, endsAt: endsAt ? new Date(endsAt) : now, reason });
  return readPlacement(tx, scope, id);
}

/** Ends where a locked device stands at this moment, if it stands anywhere. */
export async function endOpenPlacement(
  tx: EntityManager,
  scope: Scope,
  { device, reason }: { device: DeviceEntity; reason: string },
): Promise<void> {
  const now = new Date();
  const open = await overlappingPlacement(tx, scope, { deviceId: device.id, interval: { from: now, to: null } });
  if (!open) return;
  const placement = await scoped(tx, PlacementEntity, scope).get(open.id);
  await closePlacement(tx, scope, { device, placement, endsAt: now, reason });
}

interface Closing {
  /** Locked. */
  device: DeviceEntity;
  placement: PlacementEntity;
  endsAt: Date;
  reason: string;
}

/** Ends a placement, moves its usage from then on, and puts a device that stands nowhere any more in stock. */
export async function closePlacement(
  tx: EntityManager,
  scope: Scope,
  { device, placement, endsAt, reason }: Closing,
): Promise<void> {
  assertWithinKeptUsage(endsAt, new Date());
  planPlacement({ ...placement, from: placement.startsAt, to: endsAt });
  await scoped(tx, PlacementEntity, scope).save({ id: placement.id, endsAt });
  await reassignPlacements(tx, device.key, laterPart(endsAt, placement.endsAt));
  await audit(tx, scope.person, {
    rootId: placement.rootId,
    action: 'placement.end',
    subjectKind: 'placement',
    subjectId: placement.id,
    reason,
    changes: { endsAt: endsAt.toISOString(), deviceId: device.id, nodeId: placement.nodeId },
  });
  await checkIn(tx, scope, device.id);
}

/** From the earlier of two ends to the later: the time whose usage changes hands. */
function laterPart(one: Date, other: Date | null): { from: Date; to: Date | null } {
  if (other === null || one <= other) return { from: one, to: other };
  return { from: other, to: one };
}

/** A device in use that stands nowhere any more is in stock; one that is lost, lent or in repair stays so. */
async function checkIn(tx: EntityManager, scope: Scope, deviceId: string): Promise<void> {
  const device = await scoped(tx, DeviceEntity, scope).get(deviceId);
  if (device.lifecycle !== 'in_use' || (await standsSomewhere(tx, scope, deviceId))) return;
  const lifecycle = moveDevice(device.lifecycle, 'in_stock');
  await scoped(tx, DeviceEntity, scope).save({ id: deviceId, lifecycle });
  await audit(tx, scope.person, {
    rootId: device.rootId,
    action: 'device.edit',
    subjectKind: 'device',
    subjectId: deviceId,
    reason: 'its placement has ended',
    changes: { lifecycle },
  });
}
