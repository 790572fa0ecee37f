import type { EntityManager } from 'typeorm';
import { OrgNodeEntity } from '#database';
import type { Scope } from '../scope/scope.js';

/**
 * The nodes of the scope with the ancestors that lead to them, parents before children: a person sees the way to their
 * unit but not its neighbours. A grant on a trial shows its owner and participating nodes.
 */
export function nodesInSight(tx: EntityManager, scope: Scope<'organisation:read'>): Promise<OrgNodeEntity[]> {
  return tx
    .createQueryBuilder(OrgNodeEntity, 'row')
    .where(
      /* sql */ `row.id in (
        select unnest(seen.path) from org_node seen
        where seen.path && :nodes::uuid[]
          or seen.id in (select t.owner_node_id from trial t where t.id = any(:trials::uuid[]))
          or seen.id in (select tn.node_id from trial_node tn where tn.trial_id = any(:trials::uuid[])))`,
      { nodes: scope.nodeIds, trials: scope.trialIds },
    )
    .orderBy('cardinality(row.path)')
    .addOrderBy('row.name collate "sv-SE-x-icu"')
    .addOrderBy('row.id')
    .getMany();
}

/** What of a node goes on after it closes at an instant: children by date, placements by time. */
export async function useAfter(
  tx: EntityManager,
  _scope: Scope<'organisation:edit'>,
  closing: { id: string; validTo: string; closesAt: Date },
): Promise<{ openChildren: number; openPlacements: number }> {
  const rows = await tx.query<{ openChildren: number; openPlacements: number }[]>(
    /* sql */ `select
      (select count(*)::int from org_node where parent_id = $1 and (valid_to is null or valid_to > $2)) as "openChildren",
      (select count(*)::int from placement where node_id = $1 and (ends_at is null or ends_at > $3)) as "openPlacements"`,
    [closing.id, closing.validTo, closing.closesAt],
  );
  return rows[0] ?? { openChildren: 0, openPlacements: 0 };
}

/** The parent and the root of a node that was read through the scope; they may lie above it. */
export async function ancestorsOf(
  tx: EntityManager,
  _scope: Scope<'organisation:edit'>,
  { parentId, rootId }: OrgNodeEntity,
): Promise<{ parent: OrgNodeEntity | null; root: OrgNodeEntity }> {
  const root = await tx.findOneByOrFail(OrgNodeEntity, { id: rootId });
  const parent = parentId === null ? null : await tx.findOneByOrFail(OrgNodeEntity, { id: parentId });
  return { parent, root };
}
