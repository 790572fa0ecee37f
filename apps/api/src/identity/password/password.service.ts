import type { identityApi, RequestOf } from '#contracts';
import { OneTimeLinkEntity, UserAccountEntity } from '#database';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, IsNull } from 'typeorm';
import { audit } from '../../audit/audit.js';
import type { Person } from '../../scope/scope.js';
import { notifyAccessChanged } from '../access-changes.queries.js';
import { LogInAttempts } from '../log-in/attempts.js';
import { hashPassword, verifyPassword } from '../passwords.js';
import { WrongPassword } from '../refusals.js';
import { SessionsService } from '../sessions.service.js';
import { aboutUser } from '../users/grants.service.js';

/** The session in which a change of password is asked for, and from where. */
interface Asked {
  address: string;
  sessionHash: Buffer | undefined;
}

interface NewPassword {
  user: UserAccountEntity;
  passwordHash: string;
  /** The session that goes on. */
  except?: Buffer | undefined;
}

@Injectable()
export class PasswordService {
  constructor(
    private readonly db: DataSource,
    private readonly sessions: SessionsService,
    private readonly attempts: LogInAttempts,
  ) {}

  /**
   * Changes one's own password. Throws WrongPassword or TooManyAttempts: whoever finds an open session may guess no more
   * than at the log-in, and the two count together.
   */
  async change(
    person: Person,
    { current, password }: RequestOf<typeof identityApi.changePassword>['body'],
    { address, sessionHash }: Asked,
  ): Promise<void> {
    const user = await this.db.manager.findOneByOrFail(UserAccountEntity, { id: person.id });
    await this.attempts.begin(user.email, address);
    if (!(await verifyPassword(user.passwordHash, current))) return this.refuse(person, address);
    const passwordHash = await hashPassword(password);
    await this.db.transaction(async (tx) => {
      await lockUnchanged(tx, user);
      await this.set(tx, { user, passwordHash, except: sessionHash });
      await audit(tx, person, { ...aboutUser(user), action: 'password.change' });
    });
  }

  /** Sets the password of a locked account. What was opened by the one before, and links to set it, end with it. */
  async set(tx: EntityManager, { user, passwordHash, except }: NewPassword): Promise<void> {
    await tx.update(UserAccountEntity, { id: user.id }, { passwordHash });
    await tx.delete(OneTimeLinkEntity, { userId: user.id, usedAt: IsNull() });
    await this.attempts.forget(tx, user.email);
    await this.sessions.closeAll(tx, user.id, except);
    await notifyAccessChanged(tx, user.id);
  }

  private async refuse(person: Person, address: string): Promise<never> {
    const about = { ...aboutUser(person), action: 'password.refuse' };
    await audit(this.db.manager, person, { ...about, changes: { address } });
    throw new WrongPassword();
  }
}

/** Of two changes at once the second finds that the password it was let in by holds no longer. */
async function lockUnchanged(tx: EntityManager, { id, passwordHash }: UserAccountEntity): Promise<void> {
  const now = await tx.findOneOrFail(UserAccountEntity, { where: { id }, lock: { mode: 'pessimistic_write' } });
  if (now.disabledAt || now.passwordHash !== passwordHash) throw new WrongPassword();
}
