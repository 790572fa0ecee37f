import type { gatewaysApi, GatewayView, RequestOf } from '#contracts';
import { GatewayEntity, OrgNodeEntity } from '#database';
import type { EntityManager } from 'typeorm';
import { audit } from '../../audit/audit.js';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { Refused } from '../refused.js';
import { assertOpen } from './assert-open.js';
import { endGatewaySecrets } from './gateway-credentials.js';
import { endChildren, readGateway } from './gateways.queries.js';
import { prefixOf } from './topic-prefix.js';

/** The fields to change; what is absent stays. */
export type GatewayChange = RequestOf<typeof gatewaysApi.edit>['body'];

/** Changes a gateway that is not closed. */
export async function editGateway(
  tx: EntityManager,
  scope: Scope,
  { id, change }: { id: string; change: GatewayChange },
): Promise<GatewayView> {
  const gateways = scoped(tx, GatewayEntity, scope);
  const gateway = await gateways.lock(id);
  assertOpen(gateway);
  const { ownerNodeId = gateway.ownerNodeId, name = gateway.name, topicPrefix } = change;
  const owner = await scoped(tx, OrgNodeEntity, scope).get(ownerNodeId);
  if (owner.rootId !== gateway.rootId) throw new Refused('municipality_differs', 'The new owner belongs elsewhere.');
  const prefix = topicPrefix === undefined ? gateway.topicPrefix : prefixOf(gateway.ecosystem, topicPrefix);
  await gateways.save({ id, ownerNodeId, name, topicPrefix: prefix });
  await audit(tx, scope.person, {
    rootId: gateway.rootId,
    action: 'gateway.edit',
    subjectKind: 'gateway',
    subjectId: id,
    changes: change,
  });
  return readGateway(tx, scope, id);
}

/** Ends a gateway: its secrets, its live connection and what it may speak for. Closing it again changes nothing. */
export async function closeGateway(tx: EntityManager, scope: Scope, id: string): Promise<GatewayView> {
  const gateways = scoped(tx, GatewayEntity, scope);
  const gateway = await gateways.lock(id);
  if (gateway.endedAt !== null) return readGateway(tx, scope, id);
  await endGatewaySecrets(tx, scope, { gateway, revokeOld: true });
  await endChildren(tx, scope, gateway);
  await gateways.save({ id, endedAt: new Date() });
  await audit(tx, scope.person, {
    rootId: gateway.rootId,
    action: 'gateway.close',
    subjectKind: 'gateway',
    subjectId: id,
  });
  return readGateway(tx, scope, id);
}
