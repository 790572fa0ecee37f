import { randomBytes, randomUUIDv7 } from 'node:crypto';
import type { devicesApi, RegisterDevice, ResponseOf } from '#contracts';
import { DeviceEntity, OrgNodeEntity, ProductEntity } from '#database';
import { maySpeak } from '#domain';
import type { EntityManager } from 'typeorm';
import { audit } from '../../audit/audit.js';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { Refused } from '../refused.js';
import { addCredential, credentialsView } from './credentials.js';
import { readDevice } from './devices.queries.js';

interface Registration {
  body: RegisterDevice;
  /** Set by the demo alone (rule U9): no request can name it. */
  simulated?: boolean;
}

/** Registers a device with its first secret, which is in the answer and nowhere else. */
export async function registerDevice(
  tx: EntityManager,
  scope: Scope,
  { body, simulated = false }: Registration,
): Promise<ResponseOf<typeof devicesApi.register>> {
  const id = randomUUIDv7();
  const owner = await scoped(tx, OrgNodeEntity, scope).get(body.ownerNodeId);
  const product = await scoped(tx, ProductEntity, scope).get(body.productId);
  assertRegistrable(body, { owner, product });
  const row = { ...body, id, simulated, publicId: newPublicId(), rootId: owner.rootId, createdBy: scope.person.id };
  await scoped(tx, DeviceEntity, scope).save(row);
  const secret = await addCredential(tx, scope, id);
  await audit(tx, scope.person, {
    rootId: owner.rootId,
    action: 'device.register',
    subjectKind: 'device',
    subjectId: id,
    changes: { ...body, publicId: row.publicId, simulated },
  });
  return { device: await readDevice(tx, scope, id), credentials: credentialsView(row.publicId, secret) };
}

function assertRegistrable(
  body: RegisterDevice,
  { owner, product }: { owner: OrgNodeEntity; product: ProductEntity },
): void {
  if (product.rootId !== owner.rootId) {
    throw new Refused(
      'municipality_differs',
      'The product belongs to another municipality than the owner: register it there first.',
    );
  }
  if (!maySpeak(body.lifecycle)) {
    throw new Refused('device_retired', 'A retired device has no credentials: register it in stock, or not at all.');
  }
}

/** Crockford's base32 without capitals: no i, l, o or u to be misread on a label. */
const BASE32 = '0123456789abcdefghjkmnpqrstvwxyz';

/** `d-` and 60 random bits. It is a name, no secret; that no two are the same is the database's to hold. */
function newPublicId(): string {
  const characters = Array.from(randomBytes(12), (byte) => BASE32[byte % 32]);
  return `d-${characters.join('')}`;
}
