import type { UserView } from '#contracts';
import { RoleGrantEntity, type UserAccountEntity } from '#database';
import type { EntityManager } from 'typeorm';
import { scoped } from '../../scope/scoped.js';
import type { Scope } from '../../scope/scope.js';
import { grantViews } from '../grant-views.js';

type UserScope = Scope<'user:read'> | Scope<'user:edit'>;

/** People with those of their grants that lie in the caller's scope and have not ended, in three queries for all. */
export async function userViews(tx: EntityManager, scope: UserScope, users: UserAccountEntity[]): Promise<UserView[]> {
  const grants = await scoped(tx, RoleGrantEntity, scope)
    .query()
    .andWhere('row.user_id = any(:ids::uuid[])', { ids: users.map(({ id }) => id) })
    .andWhere('(row.ends_at is null or row.ends_at > :now)', { now: new Date() })
    .orderBy('row.created_at')
    .getMany();
  const views = await grantViews(tx, grants);
  return users.map((user) => ({
    id: user.id,
    name: user.name,
    email: user.email,
    status: statusOf(user),
    grants: views.filter((_, index) => grants[index]?.userId === user.id),
    createdAt: user.createdAt.toISOString(),
  }));
}

const statusOf = ({ disabledAt, passwordHash }: UserAccountEntity): UserView['status'] => {
  if (disabledAt) return 'disabled';
  return passwordHash === null ? 'invited' : 'active';
};
