import { randomBytes, randomUUIDv7 } from 'node:crypto';
import type { gatewaysApi, RegisterGateway, ResponseOf } from '#contracts';
import { GatewayEntity, OrgNodeEntity } from '#database';
import type { EntityManager } from 'typeorm';
import { audit } from '../../audit/audit.js';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { addGatewayCredential } from './gateway-credentials.js';
import { prefixOf } from './topic-prefix.js';

/** Registers a gateway with its first secret, which is in the answer and nowhere else. */
export async function registerGateway(
  tx: EntityManager,
  scope: Scope,
  body: RegisterGateway,
): Promise<ResponseOf<typeof gatewaysApi.register>> {
  const id = randomUUIDv7();
  const { rootId } = await scoped(tx, OrgNodeEntity, scope).get(body.ownerNodeId);
  const { ownerNodeId, name, ecosystem } = body;
  const topicPrefix = prefixOf(ecosystem, body.topicPrefix);
  const row = { id, rootId, ownerNodeId, name, ecosystem, topicPrefix, publicId: newPublicId() };
  await scoped(tx, GatewayEntity, scope).save({ ...row, createdBy: scope.person.id });
  await audit(tx, scope.person, {
    rootId,
    action: 'gateway.register',
    subjectKind: 'gateway',
    subjectId: id,
    changes: { ...body, topicPrefix, publicId: row.publicId },
  });
  return addGatewayCredential(tx, scope, id);
}

/** A name, no secret; that no two are the same is the database's to hold. */
const newPublicId = (): string => `g-${randomBytes(6).toString('hex')}`;
