import type { EntityManager } from 'typeorm';

/**
 * Makes attempts on one account, and from one address, wait for each other until the transaction ends: a hundred at once
 * must not each be let through by the others' absence. The account always comes first, so that no two wait in a ring.
 */
export async function queueAttempts(tx: EntityManager, accountHash: Buffer, address: string): Promise<void> {
  for (const key of [`account ${accountHash.toString('hex')}`, `address ${address}`]) {
    await tx.query(/* sql */ `select pg_advisory_xact_lock(hashtextextended($1, 0))`, [key]);
  }
}
