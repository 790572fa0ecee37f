import type {
  DeepPartial,
  EntityManager,
  EntityTarget,
  FindOptionsWhere,
  ObjectLiteral,
  SelectQueryBuilder,
} from 'typeorm';
import { REACH, type Reach } from './reach.js';
import type { Scope } from './scope.js';

/** The row does not exist, or is outside the caller's scope: the two cannot be told apart (404). */
export class NotInScope extends Error {
  constructor(readonly what: string) {
    super(`No ${what} with that id in your scope.`);
  }
}

/** Reads and writes of one table within one scope. */
export interface ScopedRows<T extends ObjectLiteral> {
  /** A query over alias `row` that already holds the scope's condition; add to it with andWhere. */
  query(): SelectQueryBuilder<T>;
  find(where: FindOptionsWhere<T>): Promise<T[]>;
  /** The row, or NotInScope. */
  get(id: string): Promise<T>;
  /** The row locked until the transaction ends, or NotInScope. */
  lock(id: string): Promise<T>;
  /** Inserts or updates, then checks that the row as stored lies in the scope; NotInScope undoes the transaction. */
  save(row: DeepPartial<T> & { id: string }): Promise<T>;
}

const nameOf = (entity: EntityTarget<ObjectLiteral>): string =>
  typeof entity === 'function' ? entity.name : typeof entity;

const reachOf = <T extends ObjectLiteral>(entity: EntityTarget<T>): Reach => {
  const reach = REACH.get(entity);
  if (!reach) throw new Error(`No reach is declared for ${nameOf(entity)}: add it to scope/reach.ts.`);
  return reach;
};

/**
 * The condition for rows that were checked when they were stored, which says the same in the cheapest way: for who holds
 * the whole municipality, by its id.
 */
function forStored({ whole }: Reach, condition: string, { person, nodeIds, trialIds }: Scope): string {
  if (whole === undefined || !nodeIds.includes(person.rootId)) return condition;
  const isNothingElse = trialIds.length === 0 && nodeIds.every((id) => id === person.rootId);
  return isNothingElse ? whole : `(${whole} or ${condition})`;
}

/** The only door to rows: every query carries the scope's condition (checked again for rows just written). */
export function scoped<T extends ObjectLiteral>(
  tx: EntityManager,
  entity: EntityTarget<T>,
  scope: Scope,
): ScopedRows<T> {
  const reach = reachOf(entity);
  const condition = reach.editedBy.includes(scope.permission) ? reach.edit : reach.read;
  const metadata = tx.connection.getMetadata(entity);
  const rowsWhere = (where: string): SelectQueryBuilder<T> =>
    tx.createQueryBuilder(entity, 'row').where(where, { nodes: scope.nodeIds, trials: scope.trialIds });
  const query = (): SelectQueryBuilder<T> => rowsWhere(forStored(reach, condition, scope));
  const one = async (id: string, found: SelectQueryBuilder<T>): Promise<T> => {
    found.andWhere('row.id = :id', { id });
    const row = await found.getOne();
    if (!row) throw new NotInScope(metadata.tableName.replaceAll('_', ' '));
    return row;
  };
  return {
    query,
    find: (where) => query().andWhere(where).getMany(),
    get: (id) => one(id, query()),
    lock: (id) => one(id, rowsWhere(condition).setLock('pessimistic_write')),
    save: async (row) => {
      await tx.save(entity, row);
      return one(row.id, rowsWhere(condition));
    },
  };
}
