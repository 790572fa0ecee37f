import { createHash } from 'node:crypto';
import { FailedLoginEntity } from '#database';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, type FindOptionsWhere, LessThan } from 'typeorm';
import { TooManyAttempts } from '../refusals.js';
import { queueAttempts } from './attempts.queries.js';

/** Refused log-ins in this time count. */
const WINDOW_MS = 15 * 60_000;
/** NIST SP 800-63B asks for ≤ 100 an account; an address may be a whole unit's. */
const PER_ACCOUNT = 10;
const PER_ADDRESS = 50;

const accountHashOf = (email: string): Buffer => createHash('sha256').update(email).digest();

/**
 * Limits guessing per account and per address. The attempt is written down before the password is verified, and taken
 * back by success. One that is refused here leaves no row: knocking on does not lengthen the wait.
 */
@Injectable()
export class LogInAttempts {
  constructor(private readonly db: DataSource) {}

  /** Counts this attempt; throws {@link TooManyAttempts} when it is one too many. */
  async begin(email: string, address: string): Promise<void> {
    const accountHash = accountHashOf(email);
    const now = Date.now();
    await this.db.transaction(async (tx) => {
      await queueAttempts(tx, accountHash, address);
      await tx.delete(FailedLoginEntity, { at: LessThan(new Date(now - WINDOW_MS)) });
      const byAccount = await leavesAt(tx, { accountHash }, PER_ACCOUNT);
      const byAddress = await leavesAt(tx, { address }, PER_ADDRESS);
      const wait = Math.max(byAccount, byAddress) + WINDOW_MS - now;
      if (wait > 0) throw new TooManyAttempts(Math.ceil(wait / 1000));
      await tx.insert(FailedLoginEntity, { accountHash, address, at: new Date(now) });
    });
  }

  /** After success: the account's attempts are forgotten, this one with them. */
  async forget(tx: EntityManager, email: string): Promise<void> {
    await tx.delete(FailedLoginEntity, { accountHash: accountHashOf(email) });
  }
}

/** When the attempt was made that must leave the window before one more is allowed; long ago when none must. */
async function leavesAt(tx: EntityManager, by: FindOptionsWhere<FailedLoginEntity>, limit: number): Promise<number> {
  const recent = await tx.find(FailedLoginEntity, { where: by, order: { at: 'desc' }, take: limit });
  return recent[limit - 1]?.at.getTime() ?? 0;
}
