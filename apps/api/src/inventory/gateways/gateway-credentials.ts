import { randomUUIDv7 } from 'node:crypto';
import type { gatewaysApi, ResponseOf } from '#contracts';
import { GatewayCredentialEntity, GatewayEntity } from '#database';
import type { EntityManager } from 'typeorm';
import { audit } from '../../audit/audit.js';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { endSecrets, newSecret } from '../secrets.js';
import { assertOpen } from './assert-open.js';
import { askGatewayToDisconnect, readGateway } from './gateways.queries.js';

type Credentialed = ResponseOf<typeof gatewaysApi.rotateSecret>;

/** A new secret for a gateway of the scope, with the answer that shows it this once. */
export async function addGatewayCredential(tx: EntityManager, scope: Scope, gatewayId: string): Promise<Credentialed> {
  const { secret, secretSha256 } = newSecret();
  const row = { id: randomUUIDv7(), gatewayId, secretSha256, createdBy: scope.person.id };
  await scoped(tx, GatewayCredentialEntity, scope).save(row);
  const gateway = await readGateway(tx, scope, gatewayId);
  return { gateway, credentials: { username: gateway.publicId, secret } };
}

/** A new secret; the one before stays valid for 24 hours, or ends now with `revokeOld`. At most two are valid. */
export async function rotateGatewaySecret(
  tx: EntityManager,
  scope: Scope,
  { id, revokeOld }: { id: string; revokeOld: boolean },
): Promise<Credentialed> {
  const gateway = await scoped(tx, GatewayEntity, scope).lock(id);
  assertOpen(gateway);
  await endGatewaySecrets(tx, scope, { gateway, revokeOld });
  await audit(tx, scope.person, {
    rootId: gateway.rootId,
    action: 'gateway.rotate_secret',
    subjectKind: 'gateway',
    subjectId: id,
    changes: { revokeOld },
  });
  return addGatewayCredential(tx, scope, id);
}

interface Ending {
  gateway: GatewayEntity;
  revokeOld: boolean;
}

/** Ends a gateway's secrets, and with one that ends now its live connection once the transaction has committed. */
export async function endGatewaySecrets(
  tx: EntityManager,
  scope: Scope,
  { gateway, revokeOld }: Ending,
): Promise<void> {
  const rows = scoped(tx, GatewayCredentialEntity, scope);
  const stored = await rows.find({ gatewayId: gateway.id });
  if (await endSecrets({ stored, revokeOld, rows })) await askGatewayToDisconnect(tx, scope, gateway);
}
