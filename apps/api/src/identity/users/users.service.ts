import { randomUUID } from 'node:crypto';
import type { RequestOf, ResponseOf, usersApi, UserView } from '#contracts';
import { OrgNodeEntity, RoleGrantEntity, UserAccountEntity } from '#database';
import { RuleViolation } from '#domain';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { audit } from '../../audit/audit.js';
import type { Config } from '../../config.js';
import { enqueue, removeJob } from '../../jobs/jobs.queries.js';
import { scoped } from '../../scope/scoped.js';
import type { Scope } from '../../scope/scope.js';
import { CONFIG } from '../../settings.js';
import { notifyAccessChanged } from '../access-changes.queries.js';
import { linkAddress } from '../link-address.js';
import { linkJobKey } from '../mail-link.js';
import { linkKindOf, makeLink, withdrawLinks } from '../personal-link.js';
import { SessionsService } from '../sessions.service.js';
import { keepAdministrator } from './administrators.js';
import { aboutUser, addGrant, oneView, targetOf } from './grants.service.js';
import { userViews } from './user-views.js';

type EditScope = Scope<'user:edit'>;
type Invite = RequestOf<typeof usersApi.invite>['body'];
type PersonalLink = ResponseOf<typeof usersApi.giveLink>;

const DAY_MS = 24 * 3_600_000;
/** An invitation may wait for the end of a holiday week; who has forgotten a password waits at the telephone. */
const VALID_MS = { invitation: 7 * DAY_MS, password_reset: DAY_MS } as const;

@Injectable()
export class UsersService {
  constructor(
    private readonly db: DataSource,
    private readonly sessions: SessionsService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async list(
    scope: Scope<'user:read'>,
    page: RequestOf<typeof usersApi.list>['query'],
  ): Promise<ResponseOf<typeof usersApi.list>> {
    const found = scoped(this.db.manager, UserAccountEntity, scope).query();
    const { search, limit, offset } = page;
    if (search)
      found.andWhere('(strpos(lower(row.name), lower(:search)) > 0 or strpos(lower(row.email), lower(:search)) > 0)', {
        search,
      });
    const total = await found.getCount();
    const users = await found
      .orderBy('row.name collate "sv-SE-x-icu"')
      .addOrderBy('row.id')
      .limit(limit)
      .offset(offset)
      .getMany();
    return { rows: await userViews(this.db.manager, scope, users), total };
  }

  /** A new account without a password, its first role, and the link by which its person chooses one (null: mailed). */
  async invite(scope: EditScope, { grant, ...account }: Invite): Promise<PersonalLink> {
    return this.db.transaction(async (tx) => {
      const { rootId } = await targetOf(tx, scope, grant);
      const id = randomUUID();
      await tx.insert(UserAccountEntity, { ...account, id, rootId });
      const user = await tx.findOneByOrFail(UserAccountEntity, { id });
      await audit(tx, scope.person, { ...aboutUser(user), action: 'user.invite', changes: account });
      await addGrant(tx, scope, { user, given: grant });
      return this.newLink(tx, scope, user);
    });
  }

  /**
   * A new link, which replaces the one before: the invitation again, or for a person who has a password, to choose
   * another. The old password and the open sessions hold until the link is used.
   */
  async giveLink(scope: EditScope, id: string): Promise<PersonalLink> {
    if (id === scope.person.id)
      throw new RuleViolation('own_password_reset', 'Change your own password, by the one you have.');
    return this.db.transaction(async (tx) => {
      const user = await lockWhole(tx, scope, id);
      if (user.disabledAt) throw new RuleViolation('account_disabled', 'The account is closed: open it again first.');
      const action = user.passwordHash === null ? 'invitation.renew' : 'password.give_link';
      await audit(tx, scope.person, { ...aboutUser(user), action });
      return this.newLink(tx, scope, user);
    });
  }

  /** Closes an account and ends its sessions; it keeps its roles and its password, and may be opened again. */
  async disable(scope: EditScope, id: string): Promise<UserView> {
    return this.db.transaction(async (tx) => {
      const user = await lockWhole(tx, scope, id);
      if (user.disabledAt) return oneView(tx, scope, user);
      await keepAdministrator(tx, { rootId: user.rootId, grants: await tx.findBy(RoleGrantEntity, { userId: id }) });
      const closed = await scoped(tx, UserAccountEntity, scope).save({ id, disabledAt: new Date() });
      await this.sessions.closeAll(tx, id);
      await withdrawLinks(tx, id);
      await removeJob(tx, linkJobKey(id));
      await notifyAccessChanged(tx, id);
      await audit(tx, scope.person, { ...aboutUser(user), action: 'user.disable' });
      return oneView(tx, scope, closed);
    });
  }

  /** Opens a closed account again. Links of the time before stay gone: a person who had not accepted needs a new one. */
  async enable(scope: EditScope, id: string): Promise<UserView> {
    return this.db.transaction(async (tx) => {
      const user = await lockWhole(tx, scope, id);
      if (!user.disabledAt) return oneView(tx, scope, user);
      const opened = await scoped(tx, UserAccountEntity, scope).save({ id, disabledAt: null });
      await audit(tx, scope.person, { ...aboutUser(user), action: 'user.enable' });
      return oneView(tx, scope, opened);
    });
  }

  /**
   * Where mail can be sent the link goes to the person alone; the administrator who asked could otherwise come in by it as
   * them. It is made when the mail leaves, and those before hold no longer from now on.
   */
  private async newLink(tx: EntityManager, scope: EditScope, user: UserAccountEntity): Promise<PersonalLink> {
    const expiresAt = new Date(Date.now() + VALID_MS[linkKindOf(user)]);
    const createdBy = scope.person.id;
    const answer = { user: await oneView(tx, scope, user), expiresAt: expiresAt.toISOString() };
    if (!(await this.mayMail(tx, user))) {
      const token = await makeLink(tx, { user, createdBy, expiresAt });
      return { ...answer, link: linkAddress(this.config, token) };
    }
    await withdrawLinks(tx, user.id);
    const payload = { userId: user.id, createdById: createdBy, expiresAt: answer.expiresAt };
    await enqueue(tx, 'identity.mail_link', { payload, jobKey: linkJobKey(user.id) });
    return { ...answer, link: null };
  }

  /** A demo's people have made-up addresses. */
  private async mayMail(tx: EntityManager, { rootId }: UserAccountEntity): Promise<boolean> {
    if (this.config.mail === null) return false;
    const { demo } = await tx.findOneByOrFail(OrgNodeEntity, { id: rootId });
    return !demo;
  }
}

/**
 * The account, locked, when all of its roles lie in the caller's scope: who administers one unit must neither close or
 * open the account of somebody with roles elsewhere nor get a link to its password.
 */
async function lockWhole(tx: EntityManager, scope: EditScope, id: string): Promise<UserAccountEntity> {
  const user = await scoped(tx, UserAccountEntity, scope).lock(id);
  const open = '(row.ends_at is null or row.ends_at > now())';
  const inScope = await scoped(tx, RoleGrantEntity, scope)
    .query()
    .andWhere(open)
    .andWhere('row.user_id = :id', { id })
    .getCount();
  const all = await tx
    .createQueryBuilder(RoleGrantEntity, 'row')
    .where(open)
    .andWhere('row.user_id = :id', { id })
    .getCount();
  if (inScope === all) return user;
  throw new RuleViolation(
    'account_beyond_scope',
    'The person has roles outside your part of the organisation: ask its administrator.',
  );
}
