import { DeviceEntity } from '#database';
import type { EntityManager } from 'typeorm';
import { grantsValidNow, scopeFor } from '../../identity/sessions.service.js';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';

/** Whether the caller may also change a device, whatever the permission that it was read by: as a change would find it. */
export async function mayEditDevice(tx: EntityManager, { person }: Scope, id: string): Promise<boolean> {
  const editing = scopeFor('device:edit', { person, grants: await grantsValidNow(tx, person.id) });
  return editing !== null && scoped(tx, DeviceEntity, editing).query().andWhere('row.id = :id', { id }).getExists();
}
