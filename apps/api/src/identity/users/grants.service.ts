import { randomUUID } from 'node:crypto';
import type { RequestOf, usersApi, UserView } from '#contracts';
import { OrgNodeEntity, RoleGrantEntity, TrialEntity, UserAccountEntity } from '#database';
import { hasPermission, mayGrant, RuleViolation } from '#domain';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { audit } from '../../audit/audit.js';
import { NotInScope, scoped } from '../../scope/scoped.js';
import type { Scope } from '../../scope/scope.js';
import { notifyAccessChanged } from '../access-changes.queries.js';
import { SessionsService } from '../sessions.service.js';
import { keepAdministrator } from './administrators.js';
import { userViews } from './user-views.js';

export type GiveGrant = RequestOf<typeof usersApi.grant>['body'];
type EditScope = Scope<'user:edit'>;

@Injectable()
export class GrantsService {
  constructor(
    private readonly db: DataSource,
    private readonly sessions: SessionsService,
  ) {}

  /** Gives a person a role on a node or trial in the caller's scope (rule P5). */
  async give(scope: EditScope, userId: string, given: GiveGrant): Promise<UserView> {
    return this.db.transaction(async (tx) => {
      const user = await scoped(tx, UserAccountEntity, scope).lock(userId);
      if (user.disabledAt) throw new RuleViolation('account_disabled', 'The account is closed: open it again first.');
      await addGrant(tx, scope, { user, given });
      return oneView(tx, scope, user);
    });
  }

  /** Ends a role now, and with it the person's sessions: what is open in their browser was shown by that role. */
  async end(scope: EditScope, { id, grantId }: { id: string; grantId: string }): Promise<UserView> {
    return this.db.transaction(async (tx) => {
      const user = await scoped(tx, UserAccountEntity, scope).lock(id);
      const grant = await scoped(tx, RoleGrantEntity, scope).get(grantId);
      if (grant.userId !== id) throw new NotInScope('role grant');
      if (grant.endsAt && grant.endsAt <= new Date()) return oneView(tx, scope, user);
      await keepAdministrator(tx, { rootId: user.rootId, grants: [grant] });
      await endNow(tx, grant);
      await this.sessions.closeAll(tx, id);
      await notifyAccessChanged(tx, id);
      await audit(tx, scope.person, {
        ...aboutUser(user),
        action: 'grant.end',
        changes: { role: grant.role, grantId },
      });
      return oneView(tx, scope, user);
    });
  }
}

/** A grant that has not begun never held: its row goes, its audit entries stay. */
async function endNow(tx: EntityManager, grant: RoleGrantEntity): Promise<void> {
  const endsAt = new Date();
  if (grant.startsAt >= endsAt) await tx.delete(RoleGrantEntity, { id: grant.id });
  else await tx.update(RoleGrantEntity, { id: grant.id }, { endsAt });
}

/** Adds a grant after every check; throws NotInScope for a node or trial outside the caller's own. */
export async function addGrant(
  tx: EntityManager,
  scope: EditScope,
  { user, given }: { user: UserAccountEntity; given: GiveGrant },
): Promise<void> {
  const granter = { userId: scope.person.id, role: grantingRole(scope) };
  mayGrant(granter, { userId: user.id }, given.role);
  const { rootId } = await targetOf(tx, scope, given);
  if (rootId !== user.rootId) throw new NotInScope('node');
  const { role, nodeId, trialId } = given;
  const startsAt = given.startsAt ? new Date(given.startsAt) : new Date();
  const endsAt = given.endsAt ? new Date(given.endsAt) : null;
  const id = randomUUID();
  await scoped(tx, RoleGrantEntity, scope).save({
    id,
    userId: user.id,
    role,
    nodeId,
    trialId,
    startsAt,
    endsAt,
    grantedBy: scope.person.id,
  });
  await notifyAccessChanged(tx, user.id);
  await audit(tx, scope.person, {
    ...aboutUser(user),
    action: 'grant.give',
    changes: { grantId: id, role, nodeId, trialId, startsAt, endsAt },
  });
}

/** The node or trial that a grant is to hold on, in the caller's scope. */
export async function targetOf(tx: EntityManager, scope: EditScope, given: GiveGrant): Promise<{ rootId: string }> {
  if (given.nodeId !== null) return scoped(tx, OrgNodeEntity, scope).get(given.nodeId);
  return scoped(tx, TrialEntity, scope).get(given.trialId ?? '');
}

const grantingRole = ({ roles }: EditScope) => roles.find((role) => hasPermission(role, 'user:edit')) ?? 'staff';

export const aboutUser = ({ id, rootId }: { id: string; rootId: string }) => ({
  rootId,
  subjectKind: 'user',
  subjectId: id,
});

export async function oneView(tx: EntityManager, scope: EditScope, user: UserAccountEntity): Promise<UserView> {
  const [view] = await userViews(tx, scope, [user]);
  if (!view) throw new NotInScope('user account');
  return view;
}
