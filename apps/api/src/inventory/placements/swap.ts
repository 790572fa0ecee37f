import type { PlaceDevice } from '#contracts';
import { DeviceEntity, PlacementEntity } from '#database';
import { planSwap } from '#domain';
import type { EntityManager } from 'typeorm';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { Refused } from '../refused.js';
import { closePlacement } from './end-placement.js';
import { familyOf } from './placements.queries.js';

/** The placement that a swap takes over from, and its device, both as they stand under the lock. */
export interface Outgoing {
  placement: PlacementEntity;
  device: DeviceEntity;
}

/** Locks the device, and the one that it replaces, in the order of their ids: two swaps wait instead of deadlocking. */
export async function lockForSwap(
  tx: EntityManager,
  scope: Scope,
  { deviceId, replaces }: PlaceDevice,
): Promise<{ device: DeviceEntity; outgoing: Outgoing | null }> {
  const devices = scoped(tx, DeviceEntity, scope);
  if (replaces === null) return { device: await devices.lock(deviceId), outgoing: null };
  const replaced = await scoped(tx, PlacementEntity, scope).get(replaces);
  const locked = new Map<string, DeviceEntity>();
  for (const id of [deviceId, replaced.deviceId].sort()) locked.set(id, await devices.lock(id));
  const placement = await scoped(tx, PlacementEntity, scope).get(replaces);
  return { device: locked.get(deviceId)!, outgoing: { placement, device: locked.get(replaced.deviceId)! } };
}

interface SwapRequest {
  body: PlaceDevice;
  outgoing: Outgoing;
  at: Date;
}

/** Ends the outgoing placement where the new one begins, so that the series goes on without a gap (rule U10). */
export async function swapOut(tx: EntityManager, scope: Scope, { body, outgoing, at }: SwapRequest): Promise<void> {
  const { placement, device } = outgoing;
  const { opened, closedAt } = planSwap({ ...placement, from: placement.startsAt, to: placement.endsAt }, at);
  const asked = [body.nodeId, body.purpose, body.arm, body.trialId];
  const going = [placement.nodeId, opened.purpose, opened.arm, opened.trialId];
  if (asked.some((term, index) => term !== going[index])) {
    throw new Refused(
      'swap_not_possible',
      'A swap keeps node, purpose, arm and trial, so that the series goes on: place anew to change them.',
    );
  }
  if (
    body.deviceId === device.id ||
    (await familyOf(tx, scope, body.deviceId)) !== (await familyOf(tx, scope, device.id))
  ) {
    throw new Refused(
      'swap_not_possible',
      'A device is swapped for another one of the same family: choose such a device.',
    );
  }
  await closePlacement(tx, scope, { device, placement, endsAt: closedAt, reason: 'swapped for another device' });
}
