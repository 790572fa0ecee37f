import { OneTimeLinkEntity, OrgNodeEntity, UserAccountEntity } from '#database';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, IsNull } from 'typeorm';
import type { Config } from '../../config.js';
import { CONFIG } from '../../settings.js';
import { linkAddress } from '../link-address.js';
import { hashToken, newToken } from '../sessions.service.js';

const VALID_MS = 24 * 3_600_000;

/** How an installation gets its first account: whoever can read the start's output is its administrator. */
@Injectable()
export class FirstAdministrator {
  constructor(
    private readonly db: DataSource,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** A new one-time link, valid for 24 hours, that replaces the one before; null once there is an account (demo apart). */
  async prepareLink(): Promise<string | null> {
    return this.db.transaction(async (tx) => {
      if (await hasAccount(tx)) return null;
      const token = newToken();
      await tx.delete(OneTimeLinkEntity, { kind: 'first_administrator', usedAt: IsNull() });
      await tx.insert(OneTimeLinkEntity, {
        tokenHash: hashToken(token),
        kind: 'first_administrator',
        expiresAt: new Date(Date.now() + VALID_MS),
      });
      return linkAddress(this.config, token);
    });
  }
}

const hasAccount = (tx: EntityManager): Promise<boolean> =>
  tx
    .createQueryBuilder(UserAccountEntity, 'u')
    .innerJoin(OrgNodeEntity, 'root', 'root.id = u.root_id and not root.demo')
    .getExists();
