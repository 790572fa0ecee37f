import type { devicesApi, DeviceView, RequestOf } from '#contracts';
import { DeviceEntity, OrgNodeEntity } from '#database';
import { type DeviceLifecycle, maySpeak, moveDevice } from '#domain';
import type { EntityManager } from 'typeorm';
import { audit } from '../../audit/audit.js';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { endOpenPlacement } from '../placements/end-placement.js';
import { Refused } from '../refused.js';
import { revokeSecrets } from './credentials.js';
import { readDevice } from './devices.queries.js';

/** The fields to change; what is absent stays. */
export type DeviceChange = RequestOf<typeof devicesApi.edit>['body'];

/** Changes a device. A retired one loses its credentials; one that is checked in or retired stands nowhere any more. */
export async function editDevice(
  tx: EntityManager,
  scope: Scope,
  { id, change }: { id: string; change: DeviceChange },
): Promise<DeviceView> {
  const devices = scoped(tx, DeviceEntity, scope);
  const device = await devices.lock(id);
  if (change.ownerNodeId !== undefined)
    await assertSameMunicipality(tx, scope, { device, ownerNodeId: change.ownerNodeId });
  const to = change.lifecycle ?? device.lifecycle;
  if (to !== device.lifecycle) moveDevice(device.lifecycle, to);
  await devices.save({ ...named(change), id });
  if (to !== device.lifecycle) await followLifecycle(tx, scope, { device, to });
  await audit(tx, scope.person, {
    rootId: device.rootId,
    action: 'device.edit',
    subjectKind: 'device',
    subjectId: id,
    changes: change,
  });
  return readDevice(tx, scope, id);
}

async function assertSameMunicipality(
  tx: EntityManager,
  scope: Scope,
  { device, ownerNodeId }: { device: DeviceEntity; ownerNodeId: string },
): Promise<void> {
  const owner = await scoped(tx, OrgNodeEntity, scope).get(ownerNodeId);
  if (owner.rootId === device.rootId) return;
  throw new Refused(
    'municipality_differs',
    'The new owner belongs to another municipality: retire the device here and register it there.',
  );
}

async function followLifecycle(
  tx: EntityManager,
  scope: Scope,
  { device, to }: { device: DeviceEntity; to: DeviceLifecycle },
): Promise<void> {
  if (!maySpeak(to)) await revokeSecrets(tx, scope, device);
  if (to === 'retired' || to === 'in_stock') await endOpenPlacement(tx, scope, { device, reason: `lifecycle ${to}` });
}

/** Without the fields that are absent. */
const named = (change: DeviceChange): { [Field in keyof DeviceChange]?: Exclude<DeviceChange[Field], undefined> } =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
