import { randomUUID } from 'node:crypto';
import type { identityApi, RequestOf, ResponseOf } from '#contracts';
import { OneTimeLinkEntity, OrgNodeEntity, RoleGrantEntity, UserAccountEntity } from '#database';
import { localDay } from '#domain';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, IsNull, MoreThan } from 'typeorm';
import { audit } from '../../audit/audit.js';
import { PasswordService } from '../password/password.service.js';
import { hashPassword } from '../passwords.js';
import { LinkNotValid } from '../refusals.js';
import { hashToken } from '../sessions.service.js';
import { aboutUser } from '../users/grants.service.js';
import { type Entered, LogInService, type Visit } from './log-in.service.js';

type SetUp = RequestOf<typeof identityApi.setUp>['body'];
type LinkKind = OneTimeLinkEntity['kind'];

/** What the holder of a one-time link may do: nothing but what the link is for, once. */
@Injectable()
export class LinksService {
  constructor(
    private readonly db: DataSource,
    private readonly logIns: LogInService,
    private readonly passwords: PasswordService,
  ) {}

  async view(token: string): Promise<ResponseOf<typeof identityApi.link>> {
    const link = await validLink(this.db.manager, { token });
    const user = link.userId && (await this.db.manager.findOneByOrFail(UserAccountEntity, { id: link.userId }));
    const { email, name } = user || { email: null, name: null };
    return { kind: link.kind, email, name, expiresAt: link.expiresAt.toISOString() };
  }

  /** Creates the municipality with its first administrator and logs them in. */
  async setUp(token: string, given: SetUp, visit: Visit): Promise<Entered> {
    await validLink(this.db.manager, { token, kind: 'first_administrator' });
    const passwordHash = await hashPassword(given.password);
    return this.db.transaction(async (tx) => {
      await useLink(tx, { token, kind: 'first_administrator' });
      const root = await addMunicipality(tx, given);
      const user = await addAdministrator(tx, { root, passwordHash, name: given.name, email: given.email });
      const about = { rootId: root.id, subjectKind: 'node', subjectId: root.id };
      await audit(tx, user, {
        ...about,
        action: 'municipality.set_up',
        changes: { name: root.name, administrator: user.id },
      });
      return this.logIns.enter(tx, user, visit);
    });
  }

  /** Gives the person of an invitation or a reset the password they chose, in place of any before, and logs them in. */
  async choosePassword(link: PasswordLink, password: string, visit: Visit): Promise<Entered> {
    await validLink(this.db.manager, link);
    const passwordHash = await hashPassword(password);
    return this.db.transaction(async (tx) => {
      const user = await lockPerson(tx, link);
      await useLink(tx, link);
      await this.passwords.set(tx, { user, passwordHash });
      await audit(tx, user, { ...aboutUser(user), action: CHOSEN[link.kind] });
      return this.logIns.enter(tx, user, visit);
    });
  }
}

/** What the log says when a link has been used. */
const CHOSEN = { invitation: 'invitation.accept', password_reset: 'password.reset' } as const;

interface PasswordLink {
  token: string;
  kind: keyof typeof CHOSEN;
}

interface Wanted {
  token: string;
  kind?: LinkKind;
  locked?: boolean;
}

async function validLink(tx: EntityManager, { token, kind, locked = false }: Wanted): Promise<OneTimeLinkEntity> {
  const link = await tx.findOne(OneTimeLinkEntity, {
    where: {
      tokenHash: hashToken(token),
      usedAt: IsNull(),
      expiresAt: MoreThan(new Date()),
      ...(kind ? { kind } : {}),
    },
    ...(locked ? { lock: { mode: 'pessimistic_write' } } : {}),
  });
  if (!link) throw new LinkNotValid();
  return link;
}

/** The account before its link, in the order in which an administrator's acts lock the two. */
async function lockPerson(tx: EntityManager, wanted: PasswordLink): Promise<UserAccountEntity> {
  const { userId } = await validLink(tx, wanted);
  const where = { id: userId ?? '' };
  const user = await tx.findOneOrFail(UserAccountEntity, { where, lock: { mode: 'pessimistic_write' } });
  const isNew = user.passwordHash === null;
  if (user.disabledAt || isNew !== (wanted.kind === 'invitation')) throw new LinkNotValid();
  return user;
}

/** Of two at once the second waits for the first, and then finds the link used. */
async function useLink(tx: EntityManager, wanted: Wanted): Promise<OneTimeLinkEntity> {
  const link = await validLink(tx, { ...wanted, locked: true });
  await tx.update(OneTimeLinkEntity, { tokenHash: link.tokenHash }, { usedAt: new Date() });
  return link;
}

async function addMunicipality(tx: EntityManager, { municipality: name, timeZone }: SetUp): Promise<OrgNodeEntity> {
  const id = randomUUID();
  const validFrom = localDay(Date.now(), timeZone);
  const root = { id, rootId: id, parentId: null, kind: 'municipality', name, path: [id], validFrom, timeZone } as const;
  await tx.insert(OrgNodeEntity, { ...root, path: [id] });
  return tx.findOneByOrFail(OrgNodeEntity, { id });
}

interface NewAdministrator {
  root: OrgNodeEntity;
  name: string;
  email: string;
  passwordHash: string;
}

async function addAdministrator(tx: EntityManager, { root, ...account }: NewAdministrator): Promise<UserAccountEntity> {
  const id = randomUUID();
  await tx.insert(UserAccountEntity, { ...account, id, rootId: root.id });
  const grant = { id: randomUUID(), userId: id, role: 'admin', nodeId: root.id, startsAt: new Date() } as const;
  await tx.insert(RoleGrantEntity, grant);
  return tx.findOneByOrFail(UserAccountEntity, { id });
}
