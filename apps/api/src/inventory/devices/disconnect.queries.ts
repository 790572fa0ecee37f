import { DISCONNECT_CHANNEL } from '#contracts';
import type { DeviceEntity } from '#database';
import type { EntityManager } from 'typeorm';
import type { Scope } from '../../scope/scope.js';

/** Asks ingest to drop a device's live connection. PostgreSQL sends it when the transaction commits, not before. */
export async function askToDisconnect(tx: EntityManager, _scope: Scope, { key }: DeviceEntity): Promise<void> {
  await tx.query(/* sql */ `select pg_notify($1, $2)`, [DISCONNECT_CHANNEL, String(key)]);
}
