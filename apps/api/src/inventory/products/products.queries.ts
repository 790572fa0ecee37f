import type { ProductView } from '#contracts';
import { ProductEntity } from '#database';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import type { Scope } from '../../scope/scope.js';
import { NotInScope, scoped } from '../../scope/scoped.js';
import { likePatterns } from '../search.js';

const TEXT = `concat_ws(' ', row.supplier, row.model, row.intended_purpose, row.contract_reference)`;

/** The municipality's products in the order of their names; the search takes any order of words and near spellings. */
export async function listProducts(
  tx: EntityManager,
  scope: Scope,
  { search, limit, offset }: { search?: string | undefined; limit: number; offset: number },
): Promise<{ rows: ProductView[]; total: number }> {
  const query = counted(tx, scope).andWhere(`not ${IS_THE_CANARYS}`);
  if (search) {
    const isFound = `(${TEXT} ilike all(:patterns::text[]) or :search <% concat_ws(' ', row.supplier, row.model))`;
    query.andWhere(isFound, { patterns: likePatterns(search), search });
  }
  const total = await query.getCount();
  const order = query
    .orderBy('row.supplier collate "sv-SE-x-icu"')
    .addOrderBy('row.model collate "sv-SE-x-icu"')
    .addOrderBy('row.id');
  return { rows: await views(order.limit(limit).offset(offset)), total };
}

/** One product, or NotInScope. */
export async function readProduct(tx: EntityManager, scope: Scope, id: string): Promise<ProductView> {
  const [view] = await views(counted(tx, scope).andWhere('row.id = :id', { id }));
  if (!view) throw new NotInScope('product');
  return view;
}

/** The municipality that the caller's nodes belong to; their account's where they have nodes in several. */
export async function rootOfScope(tx: EntityManager, scope: Scope): Promise<string> {
  const [row] = await tx.query<{ root_id: string }[]>(
    /* sql */ `select root_id from org_node where id = any($1::uuid[]) order by root_id <> $2::uuid, root_id limit 1`,
    [scope.nodeIds, scope.person.rootId],
  );
  if (!row) throw new NotInScope('municipality');
  return row.root_id;
}

/** A product that the product itself made, for its canary. */
const IS_THE_CANARYS = `exists (select from device c where c.product_id = row.id and c.is_canary)`;

function counted(tx: EntityManager, scope: Scope): SelectQueryBuilder<ProductEntity> {
  return scoped(tx, ProductEntity, scope)
    .query()
    .addSelect('(select count(*)::int from device d where d.product_id = row.id and not d.is_canary)', 'devices')
    .addSelect('(select count(*)::int from trial t where t.product_id = row.id)', 'trials');
}

async function views(query: SelectQueryBuilder<ProductEntity>): Promise<ProductView[]> {
  const { entities, raw } = await query.getRawAndEntities<{ devices: number; trials: number }>();
  return entities.map(({ rootId: _root, createdBy: _by, createdAt, ...product }, index) => ({
    ...product,
    devices: raw[index]?.devices ?? 0,
    trials: raw[index]?.trials ?? 0,
    createdAt: createdAt.toISOString(),
  }));
}
