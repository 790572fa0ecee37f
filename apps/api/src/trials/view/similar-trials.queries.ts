import type { TrialSummaryView } from '#contracts';
import { TrialEntity } from '#database';
import type { FamilyCode } from '#domain';
import type { EntityManager } from 'typeorm';
import type { Scope } from '../../scope/scope.js';
import { summaries, withSummary } from './trials.queries.js';

const OWN_MUNICIPALITIES = `(row.root_id in (select n.root_id from org_node n where n.id = any(:nodes::uuid[]))
  or row.root_id in (select t.root_id from trial t where t.id = any(:trials::uuid[])))`;
const SHOWN = 100;

/**
 * Trials of the same product first, then of the same family, anywhere in the caller's municipality (rule D5): a unit
 * must learn that another has tried the same, or it is tried twice. Never another municipality's.
 */
export async function similarTrials(
  tx: EntityManager,
  scope: Scope,
  { family, productId }: { family: FamilyCode; productId?: string | undefined },
): Promise<TrialSummaryView[]> {
  const query = withSummary(tx.createQueryBuilder(TrialEntity, 'row'))
    .where(OWN_MUNICIPALITIES, { nodes: scope.nodeIds, trials: scope.trialIds })
    .andWhere('(row.family = :family or row.product_id = :productId)', { family, productId: productId ?? null })
    .orderBy('coalesce(row.product_id = :productId, false)', 'DESC')
    .addOrderBy('row.created_at', 'DESC')
    .addOrderBy('row.id')
    .limit(SHOWN);
  return summaries(query);
}
