import { createHash, randomBytes, randomUUIDv7 } from 'node:crypto';
import type { gatewaysApi, ResponseOf } from '#contracts';
import { GatewayCredentialEntity, GatewayEntity } from '#database';
import type { EntityManager } from 'typeorm';
import { audit } from '../../audit/audit.js';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { assertOpen } from './assert-open.js';
import { askGatewayToDisconnect, readGateway } from './gateways.queries.js';

type Credentialed = ResponseOf<typeof gatewaysApi.rotateSecret>;

const SECRET_BYTES = 24;
/** How long the secret before stays valid, so that a gateway can be given the new one without a gap. */
const OVERLAP_MS = 24 * 3_600_000;

/** A new secret of 192 random bits for a gateway of the scope, with the answer that shows it this once. */
export async function addGatewayCredential(tx: EntityManager, scope: Scope, gatewayId: string): Promise<Credentialed> {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const secretSha256 = createHash('sha256').update(secret).digest();
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
  await endGatewaySecrets(tx, scope, { gateway, revoked: ({ expiresAt }) => revokeOld || expiresAt !== null });
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
  revoked: (credential: GatewayCredentialEntity) => boolean;
}

/** Ends now the secrets that `revoked` picks, and in 24 hours the rest. */
export async function endGatewaySecrets(tx: EntityManager, scope: Scope, { gateway, revoked }: Ending): Promise<void> {
  const now = new Date();
  const credentials = scoped(tx, GatewayCredentialEntity, scope);
  const valid = (await credentials.find({ gatewayId: gateway.id })).filter((credential) => isValidAt(credential, now));
  for (const credential of valid) {
    const end = revoked(credential) ? { revokedAt: now } : { expiresAt: new Date(now.getTime() + OVERLAP_MS) };
    await credentials.save({ id: credential.id, ...end });
  }
  if (valid.some(revoked)) await askGatewayToDisconnect(tx, scope, gateway);
}

const isValidAt = ({ revokedAt, expiresAt }: GatewayCredentialEntity, now: Date): boolean =>
  revokedAt === null && (expiresAt === null || expiresAt > now);
