import type { identityApi, RequestOf, SessionView } from '#contracts';
import { UserAccountEntity } from '#database';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { audit } from '../../audit/audit.js';
import type { Person } from '../../scope/scope.js';
import { notifyAccessChanged } from '../access-changes.queries.js';
import { verifyPassword } from '../passwords.js';
import { LogInRefused } from '../refusals.js';
import { hashToken, SessionsService } from '../sessions.service.js';
import { LogInAttempts } from './attempts.js';
import { sessionView } from './session-view.js';

/** Where a log-in comes from. */
export interface Visit {
  address: string;
  userAgent: string | null;
  /** The cookie that the browser still had: its session ends when another begins. */
  previousToken: string | null;
}

/** A session just opened: the cookie's token and the answer. */
export interface Entered {
  token: string;
  view: SessionView;
}

@Injectable()
export class LogInService {
  constructor(
    private readonly db: DataSource,
    private readonly sessions: SessionsService,
    private readonly attempts: LogInAttempts,
  ) {}

  /** Throws {@link LogInRefused} or TooManyAttempts; takes as long for an unknown address as for a wrong password. */
  async logIn({ email, password }: RequestOf<typeof identityApi.logIn>['body'], visit: Visit): Promise<Entered> {
    await this.attempts.begin(email, visit.address);
    const user = await findByEmail(this.db.manager, email);
    const passwordHash = user?.disabledAt ? null : (user?.passwordHash ?? null);
    const matches = await verifyPassword(passwordHash, password);
    if (!user || !matches) return this.refuse(user, visit);
    return this.db.transaction(async (tx) => {
      await this.attempts.forget(tx, email);
      return this.enter(tx, user, visit);
    });
  }

  /** Opens a session for a person whose password or link has been checked; rotates the browser's cookie. */
  async enter(tx: EntityManager, user: UserAccountEntity, visit: Visit): Promise<Entered> {
    await this.sessions.assertUsableHere(tx, user.rootId);
    if (visit.previousToken) await this.sessions.close(tx, hashToken(visit.previousToken));
    const token = await this.sessions.open(tx, user.id, visit.userAgent);
    await audit(tx, user, { ...aboutSession(user), action: 'session.open', changes: { address: visit.address } });
    return { token, view: await sessionView(tx, user.id) };
  }

  view(person: Person): Promise<SessionView> {
    return sessionView(this.db.manager, person.id);
  }

  async logOut(person: Person, tokenHash: Buffer): Promise<void> {
    await this.db.transaction(async (tx) => {
      await this.sessions.close(tx, tokenHash);
      await notifyAccessChanged(tx, person.id);
      await audit(tx, person, { ...aboutSession(person), action: 'session.close' });
    });
  }

  async setLocale(person: Person, locale: 'sv' | 'en'): Promise<void> {
    await this.db.transaction(async (tx) => {
      await tx.update(UserAccountEntity, { id: person.id }, { locale });
      const about = { rootId: person.rootId, subjectKind: 'user', subjectId: person.id };
      await audit(tx, person, { ...about, action: 'user.locale', changes: { locale } });
    });
  }

  /** An existing account's refusal is logged; an unknown address could fill the log at will and names nobody. */
  private async refuse(user: UserAccountEntity | null, { address }: Visit): Promise<never> {
    if (user) {
      const nobody = { id: null, name: 'not logged in' };
      await audit(this.db.manager, nobody, { ...aboutSession(user), action: 'session.refuse', changes: { address } });
    }
    throw new LogInRefused('wrong_email_or_password');
  }
}

const aboutSession = ({ id, rootId }: { id: string; rootId: string }) => ({
  rootId,
  subjectKind: 'session',
  subjectId: id,
});

const findByEmail = (tx: EntityManager, email: string): Promise<UserAccountEntity | null> =>
  tx.createQueryBuilder(UserAccountEntity, 'u').where('lower(u.email) = :email', { email }).getOne();
