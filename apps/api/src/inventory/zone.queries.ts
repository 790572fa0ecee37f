import type { EntityManager } from 'typeorm';
import type { Scope } from '../scope/scope.js';
import { NotInScope } from '../scope/scoped.js';

/** The zone of a municipality, by which a row of the caller's own scope lives. */
export async function zoneOf(tx: EntityManager, _scope: Scope, rootId: string): Promise<string> {
  const [root] = await tx.query<{ time_zone: string }[]>(/* sql */ `select time_zone from org_node where id = $1`, [
    rootId,
  ]);
  if (!root) throw new NotInScope('municipality');
  return root.time_zone;
}
