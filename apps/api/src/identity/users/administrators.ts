import { OrgNodeEntity, RoleGrantEntity, UserAccountEntity } from '#database';
import { assertAdministratorRemains } from '#domain';
import type { EntityManager } from 'typeorm';

/** What is about to be taken away. */
interface Leaving {
  rootId: string;
  grants: readonly RoleGrantEntity[];
}

const administers = ({ role, nodeId }: RoleGrantEntity, rootId: string): boolean =>
  role === 'admin' && nodeId === rootId;

/**
 * Checks that the municipality keeps an administrator without these grants: active, on the root, without an end. The
 * root is locked until the transaction ends, so that two administrators cannot remove each other at the same time.
 */
export async function keepAdministrator(tx: EntityManager, { rootId, grants }: Leaving): Promise<void> {
  if (!grants.some((grant) => administers(grant, rootId))) return;
  await tx.findOneOrFail(OrgNodeEntity, { where: { id: rootId }, lock: { mode: 'pessimistic_write' } });
  const others = await tx
    .createQueryBuilder(RoleGrantEntity, 'g')
    .innerJoin(UserAccountEntity, 'u', 'u.id = g.user_id and u.disabled_at is null and u.password_hash is not null')
    .where(`g.role = 'admin' and g.node_id = :rootId and g.starts_at <= now() and g.ends_at is null`, { rootId })
    .andWhere('g.id <> all(:leaving::uuid[])', { leaving: grants.map(({ id }) => id) })
    .getCount();
  assertAdministratorRemains(others);
}
