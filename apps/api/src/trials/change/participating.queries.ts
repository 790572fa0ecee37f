import { OrgNodeEntity } from '#database';
import { type EntityManager, In } from 'typeorm';
import type { Scope } from '../../scope/scope.js';

/** Those of the nodes that belong to the municipality, in or beyond the scope: a trial may run at any of its units. */
export function nodesOfMunicipality(
  tx: EntityManager,
  _scope: Scope,
  { rootId, nodeIds }: { rootId: string; nodeIds: readonly string[] },
): Promise<OrgNodeEntity[]> {
  return tx.findBy(OrgNodeEntity, { rootId, id: In([...nodeIds]) });
}
