import type { EntityManager } from 'typeorm';

/**
 * PostgreSQL NOTIFY channel: a person's sessions or grants have changed. Whoever holds a socket of that person checks
 * its session and scope again, in every API process.
 */
export const ACCESS_CHANNEL = 'nyttospar_access';

/** The payload on {@link ACCESS_CHANNEL}, as JSON. */
export interface AccessNotice {
  userId: string;
}

/** Tells every API process when the transaction commits. */
export async function notifyAccessChanged(tx: EntityManager, userId: string): Promise<void> {
  const notice: AccessNotice = { userId };
  await tx.query(/* sql */ `select pg_notify($1, $2)`, [ACCESS_CHANNEL, JSON.stringify(notice)]);
}
