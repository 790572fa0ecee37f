import { randomUUIDv7 } from 'node:crypto';
import type { GatewayChildView, GatewayView } from '#contracts';
import { DeviceEntity, GatewayChildEntity, GatewayEntity } from '#database';
import { maySpeak } from '#domain';
import type { EntityManager } from 'typeorm';
import { audit } from '../../audit/audit.js';
import type { Scope } from '../../scope/scope.js';
import { NotInScope, scoped } from '../../scope/scoped.js';
import { Refused } from '../refused.js';
import { assertOpen } from './assert-open.js';
import { listChildren, readGateway } from './gateways.queries.js';

/** A device to be spoken for, and the name that the other system has for it. */
export interface NewChild {
  id: string;
  externalName: string;
  deviceId: string;
}

/** Grants a gateway one device of the scope, from now on. A name or a device that is granted already collides. */
export async function addChild(
  tx: EntityManager,
  scope: Scope,
  { id: gatewayId, externalName, deviceId }: NewChild,
): Promise<GatewayChildView> {
  const gateway = await scoped(tx, GatewayEntity, scope).lock(gatewayId);
  assertOpen(gateway);
  const device = await scoped(tx, DeviceEntity, scope).get(deviceId);
  assertGrantable(gateway, device);
  const id = randomUUIDv7();
  const row = { id, gatewayId, externalName, deviceId, startsAt: new Date(), createdBy: scope.person.id };
  await scoped(tx, GatewayChildEntity, scope).save(row);
  await audit(tx, scope.person, {
    rootId: gateway.rootId,
    action: 'gateway.add_child',
    subjectKind: 'gateway',
    subjectId: gatewayId,
    changes: { externalName, deviceId },
  });
  const [view] = await listChildren(tx, scope, { gatewayId, id });
  if (!view) throw new NotInScope('gateway child');
  return view;
}

function assertGrantable(gateway: GatewayEntity, device: DeviceEntity): void {
  if (device.rootId !== gateway.rootId) {
    throw new Refused('municipality_differs', 'The device belongs to another municipality than the gateway.');
  }
  if (maySpeak(device.lifecycle)) return;
  throw new Refused('device_retired', 'The device is retired: register it anew to use it again.');
}

/** Ends what a gateway may say for one device, from now on. Ending it again changes nothing. */
export async function removeChild(
  tx: EntityManager,
  scope: Scope,
  { id: gatewayId, childId }: { id: string; childId: string },
): Promise<GatewayView> {
  const gateway = await scoped(tx, GatewayEntity, scope).lock(gatewayId);
  const children = scoped(tx, GatewayChildEntity, scope);
  const child = await children.get(childId);
  if (child.gatewayId !== gatewayId) throw new NotInScope('gateway child');
  if (child.endsAt !== null) return readGateway(tx, scope, gatewayId);
  await children.save({ id: childId, endsAt: new Date() });
  await audit(tx, scope.person, {
    rootId: gateway.rootId,
    action: 'gateway.remove_child',
    subjectKind: 'gateway',
    subjectId: gatewayId,
    changes: { externalName: child.externalName, deviceId: child.deviceId },
  });
  return readGateway(tx, scope, gatewayId);
}
