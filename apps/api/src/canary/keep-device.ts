import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { DeviceCredentialEntity, type DeviceEntity } from '#database';
import { FAMILIES } from '#domain';
import type { EntityManager } from 'typeorm';
import { audit } from '../audit/audit.js';
import { lockDemo } from '../demo/demo.queries.js';
import { newSecret } from '../inventory/secrets.js';
import {
  addCanary,
  canaryProduct,
  findCanary,
  freeName,
  lockRoot,
  renameCanary,
  revokeOthers,
} from './canary.queries.js';

/** A mains family with an event that needs nothing said about it. */
const CANARY_FAMILY = FAMILIES.smart_screen;
export const CANARY_METRIC = 'message_shown';

const PRODUCT = { family: CANARY_FAMILY.code, supplier: 'Nyttospår', model: 'Kanariefågel' };
const BY = { id: null, name: 'Nyttospår' };
/** It stands there before its first usage, whatever the clocks of two machines say. */
const STANDS_SINCE_MS = 3_600_000;

/** What a canary needs to fly: its names, and the log-in that it has from now on. */
export interface Bird {
  readonly rootId: string;
  readonly deviceId: string;
  readonly deviceKey: number;
  readonly login: { readonly username: string; readonly password: string };
}

/**
 * Sees to it that a municipality has its canary, with a new secret that alone is valid; only its hash is stored. With a
 * `login` of one's own broker that is used, and the device is known by its user name. Null when the municipality has gone.
 */
export async function keepDevice(tx: EntityManager, rootId: string, login: Bird['login'] | null): Promise<Bird | null> {
  await lockDemo(tx); // a demo that is being removed must not get a new canary
  if (!(await lockRoot(tx, rootId))) return null;
  if (login !== null) await freeName(tx, rootId, { name: login.username, instead: newPublicId() });
  const device = (await findCanary(tx, rootId)) ?? (await register(tx, rootId, login?.username ?? newPublicId()));
  if (login !== null && device.publicId !== login.username) await renameCanary(tx, device.id, login.username);
  const password = login?.password ?? (await renewSecret(tx, device));
  return {
    rootId,
    deviceId: device.id,
    deviceKey: device.key,
    login: login ?? { username: device.publicId, password },
  };
}

const newPublicId = (): string => `canary-${randomBytes(6).toString('hex')}`;

async function register(tx: EntityManager, rootId: string, publicId: string): Promise<DeviceEntity> {
  const id = randomUUIDv7();
  const productId = await canaryProduct(tx, rootId, { ...PRODUCT, id: randomUUIDv7() });
  const assetTag = `Kanariefågel ${id.slice(-4)}`;
  const canary = { id, publicId, rootId, productId, assetTag };
  const device = await addCanary(tx, canary, new Date(Date.now() - STANDS_SINCE_MS));
  const changes = { publicId, assetTag, isCanary: true };
  await audit(tx, BY, { rootId, action: 'device.register', subjectKind: 'device', subjectId: id, changes });
  return device;
}

async function renewSecret(tx: EntityManager, { id: deviceId, rootId }: DeviceEntity): Promise<string> {
  const id = randomUUIDv7();
  const { secret, secretSha256 } = newSecret();
  await tx.insert(DeviceCredentialEntity, { id, deviceId, secretSha256 });
  await revokeOthers(tx, deviceId, id);
  const changes = { revokeOld: true };
  await audit(tx, BY, { rootId, action: 'device.rotate_secret', subjectKind: 'device', subjectId: deviceId, changes });
  return secret;
}
