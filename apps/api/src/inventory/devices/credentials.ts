import { randomUUIDv7 } from 'node:crypto';
import { type CredentialsView, type devicesApi, type ResponseOf, upwardTopic } from '#contracts';
import { DeviceCredentialEntity, DeviceEntity } from '#database';
import { maySpeak } from '#domain';
import type { EntityManager } from 'typeorm';
import { audit } from '../../audit/audit.js';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { Refused } from '../refused.js';
import { endSecrets, newSecret } from '../secrets.js';
import { askToDisconnect } from './disconnect.queries.js';
import { readDevice } from './devices.queries.js';

/** A new secret for a device of the scope. */
export async function addCredential(tx: EntityManager, scope: Scope, deviceId: string): Promise<string> {
  const { secret, secretSha256 } = newSecret();
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
  await endDeviceSecrets(tx, scope, { device, revokeOld: true });
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
  await endDeviceSecrets(tx, scope, { device, revokeOld });
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
  revokeOld: boolean;
}

async function endDeviceSecrets(tx: EntityManager, scope: Scope, { device, revokeOld }: Ending): Promise<void> {
  const rows = scoped(tx, DeviceCredentialEntity, scope);
  const stored = await rows.find({ deviceId: device.id });
  if (await endSecrets({ stored, revokeOld, rows })) await askToDisconnect(tx, scope, device);
}
