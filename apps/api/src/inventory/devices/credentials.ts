import { createHash, randomBytes, randomUUIDv7 } from 'node:crypto';
import { type CredentialsView, type devicesApi, type ResponseOf, upwardTopic } from '#contracts';
import { DeviceCredentialEntity, DeviceEntity } from '#database';
import { maySpeak } from '#domain';
import type { EntityManager } from 'typeorm';
import { audit } from '../../audit/audit.js';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { Refused } from '../refused.js';
import { askToDisconnect } from './disconnect.queries.js';
import { readDevice } from './devices.queries.js';

const SECRET_BYTES = 24;
/** How long the secret before stays valid, so that a device can be given the new one without a gap. */
const OVERLAP_MS = 24 * 3_600_000;

/** A new secret of 192 random bits for a device of the scope; only its SHA-256 is stored. */
export async function addCredential(tx: EntityManager, scope: Scope, deviceId: string): Promise<string> {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const secretSha256 = createHash('sha256').update(secret).digest();
  await scoped(tx, DeviceCredentialEntity, scope).save({
    id: randomUUIDv7(),
    deviceId,
    secretSha256,
    createdBy: scope.person.id,
  });
  return secret;
}

export const credentialsView = (publicId: string, secret: string): CredentialsView => ({
  username: publicId,
  secret,
  usageTopic: upwardTopic(publicId, 'usage'),
});

/** Ends every secret of a device now, and its live connection once the transaction has committed. */
export async function revokeSecrets(tx: EntityManager, scope: Scope, device: DeviceEntity): Promise<void> {
  await endSecrets(tx, scope, { device, revoked: () => true });
}

/**
 * Gives the device a new secret. The one before stays valid for 24 hours, or ends now with `revokeOld`; older ones end
 * now in any case, so that at most two are valid.
 */
export async function rotateSecret(
  tx: EntityManager,
  scope: Scope,
  { id, revokeOld }: { id: string; revokeOld: boolean },
): Promise<ResponseOf<typeof devicesApi.rotateSecret>> {
  const device = await scoped(tx, DeviceEntity, scope).lock(id);
  if (!maySpeak(device.lifecycle))
    throw new Refused('device_retired', 'The device is retired: register it anew to use it again.');
  await endSecrets(tx, scope, { device, revoked: (credential) => revokeOld || credential.expiresAt !== null });
  const secret = await addCredential(tx, scope, id);
  await audit(tx, scope.person, {
    rootId: device.rootId,
    action: 'device.rotate_secret',
    subjectKind: 'device',
    subjectId: id,
    changes: { revokeOld },
  });
  return { device: await readDevice(tx, scope, id), credentials: credentialsView(device.publicId, secret) };
}

interface Ending {
  device: DeviceEntity;
  revoked: (credential: DeviceCredentialEntity) => boolean;
}

/** Ends now the secrets that `revoked` picks, and in 24 hours the rest. */
async function endSecrets(tx: EntityManager, scope: Scope, { device, revoked }: Ending): Promise<void> {
  const now = new Date();
  const credentials = scoped(tx, DeviceCredentialEntity, scope);
  const valid = (await credentials.find({ deviceId: device.id })).filter((credential) => isValidAt(credential, now));
  for (const credential of valid) {
    const end = revoked(credential) ? { revokedAt: now } : { expiresAt: new Date(now.getTime() + OVERLAP_MS) };
    await credentials.save({ id: credential.id, ...end });
  }
  if (valid.some(revoked)) await askToDisconnect(tx, scope, device);
}

const isValidAt = ({ revokedAt, expiresAt }: DeviceCredentialEntity, now: Date): boolean =>
  revokedAt === null && (expiresAt === null || expiresAt > now);
