import type { TrialSummaryView } from '#contracts';
import { OrgNodeEntity, ProductEntity, TrialEntity, TrialNodeEntity, UserAccountEntity } from '#database';
import type { TrialStage } from '#domain';
import { type EntityManager, In, type SelectQueryBuilder } from 'typeorm';
import { likePatterns } from '../../inventory/search.js';
import type { Scope } from '../../scope/scope.js';
import { NotInScope, scoped } from '../../scope/scoped.js';

interface Filter {
  search?: string | undefined;
  stage?: TrialStage | undefined;
  limit: number;
  offset: number;
}

/** Trials owned by or running at nodes of the scope, newest first. */
export async function listTrials(
  tx: EntityManager,
  scope: Scope,
  filter: Filter,
): Promise<{ rows: TrialSummaryView[]; total: number }> {
  const query = withSummary(scoped(tx, TrialEntity, scope).query());
  if (filter.stage) query.andWhere('row.stage = :stage', { stage: filter.stage });
  if (filter.search) query.andWhere(`${TEXT} ilike all(:patterns::text[])`, { patterns: likePatterns(filter.search) });
  const total = await query.getCount();
  query.orderBy('row.created_at', 'DESC').addOrderBy('row.id').limit(filter.limit).offset(filter.offset);
  return { rows: await summaries(query), total };
}

/** The line of one trial in a list, or NotInScope. */
export async function readSummary(tx: EntityManager, scope: Scope, id: string): Promise<TrialSummaryView> {
  const [summary] = await summaries(
    withSummary(scoped(tx, TrialEntity, scope).query()).andWhere('row.id = :id', { id }),
  );
  if (!summary) throw new NotInScope('trial');
  return summary;
}

/** The participating nodes of a trial that was read through the scope, by name; they may lie beyond it. */
export async function participatingNodes(
  tx: EntityManager,
  _scope: Scope,
  trialId: string,
): Promise<{ id: string; name: string }[]> {
  const nodes = await tx
    .createQueryBuilder(OrgNodeEntity, 'node')
    .innerJoin(
      TrialNodeEntity,
      'participating',
      'participating.node_id = node.id and participating.trial_id = :trialId',
      { trialId },
    )
    .orderBy('node.name collate "sv-SE-x-icu"')
    .addOrderBy('node.id')
    .getMany();
  return nodes.map(({ id, name }) => ({ id, name }));
}

/** The path of the node that owns a trial which was read through the scope: grants on any of them reach the trial. */
export async function pathOfOwner(tx: EntityManager, _scope: Scope, ownerNodeId: string): Promise<string[]> {
  return (await tx.findOneByOrFail(OrgNodeEntity, { id: ownerNodeId })).path;
}

/** The names of the people in the history of a trial that was read through the scope. */
export async function namesOf(tx: EntityManager, _scope: Scope, userIds: string[]): Promise<Map<string, string>> {
  const users = await tx.findBy(UserAccountEntity, { id: In(userIds) });
  return new Map(users.map(({ id, name }) => [id, name]));
}

const TEXT = `concat_ws(' ', row.code, row.title, row.need, row.case_reference, owner.name, product.supplier, product.model)`;
/** Devices that stand in the trial now. */
const DEVICES = `(select count(distinct p.device_id)::int from placement p
  where p.trial_id = row.id and p.starts_at <= now() and (p.ends_at is null or p.ends_at > now()))`;

/** Adds what a list's line shows beside the trial itself, to a query over alias `row`. */
export const withSummary = (query: SelectQueryBuilder<TrialEntity>): SelectQueryBuilder<TrialEntity> =>
  query
    .innerJoin(OrgNodeEntity, 'owner', 'owner.id = row.owner_node_id')
    .leftJoin(ProductEntity, 'product', 'product.id = row.product_id')
    .addSelect('owner.name', 'owner_name')
    .addSelect(`product.supplier || ' ' || product.model`, 'product_name')
    .addSelect(DEVICES, 'devices');

interface Beside {
  owner_name: string;
  product_name: string | null;
  devices: number;
}

/** The lines of a list, from a query made by {@link withSummary}. */
export async function summaries(query: SelectQueryBuilder<TrialEntity>): Promise<TrialSummaryView[]> {
  const { entities, raw } = await query.getRawAndEntities<Beside>();
  return entities.map((trial, index) => ({
    id: trial.id,
    code: trial.code,
    title: trial.title,
    family: trial.family,
    productId: trial.productId,
    productName: raw[index]?.product_name ?? null,
    ownerNodeId: trial.ownerNodeId,
    ownerNodeName: raw[index]?.owner_name ?? '',
    stage: trial.stage,
    plannedStartsOn: trial.plannedStartsOn,
    plannedEndsOn: trial.plannedEndsOn,
    devices: raw[index]?.devices ?? 0,
  }));
}
