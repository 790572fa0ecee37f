import type { SessionView } from '#contracts';
import { OrgNodeEntity, UserAccountEntity } from '#database';
import { PERMISSIONS, permissionsOf } from '#domain';
import type { EntityManager } from 'typeorm';
import { grantViews } from '../grant-views.js';
import { grantsValidNow } from '../sessions.service.js';

/** Who a person is, and what their grants of this moment permit somewhere. */
export async function sessionView(tx: EntityManager, userId: string): Promise<SessionView> {
  const user = await tx.findOneByOrFail(UserAccountEntity, { id: userId });
  const root = await tx.findOneByOrFail(OrgNodeEntity, { id: user.rootId });
  const grants = await grantsValidNow(tx, userId);
  return {
    user: { id: user.id, name: user.name, email: user.email, locale: user.locale },
    municipality: { id: root.id, name: root.name, timeZone: root.timeZone ?? 'UTC', demo: root.demo },
    grants: await grantViews(tx, grants),
    permissions: PERMISSIONS.filter((one) => grants.some((grant) => permissionsOf(grant.role).includes(one))),
  };
}
