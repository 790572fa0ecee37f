import type { RejectFilter } from '#contracts';
import { OrgNodeEntity } from '#database';
import type { Role } from '#domain';
import { type EntityManager, In, type ObjectLiteral, type SelectQueryBuilder } from 'typeorm';
import { grantsValidNow } from '../../identity/sessions.service.js';
import { hourIsSeen, TIMES_IN_SCOPE } from '../../scope/reach.js';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { likePatterns } from '../search.js';

/** A query over `rejected_message` or `rejected_count`, alias `reject`, with `device` joined. */
export type RejectQuery = SelectQueryBuilder<ObjectLiteral>;

/** How each table writes that nobody knows the device. */
const UNKNOWN = { rejected_message: 'reject.device_key is null', rejected_count: 'reject.device_key = 0' } as const;
const IN_SCOPE = {
  rejected_message: 'seen.times @> reject.received_at',
  rejected_count: hourIsSeen('reject.hour'),
} as const;

/**
 * Rejects of the scope's own devices, and of others those received while they stood in the scope (rule U8). Those that
 * name no known device belong to no unit and are for an administrator of a whole municipality. The parameter
 * `payloadNodes` holds where the caller's role lets payloads be read (rule K3).
 */
export async function visibleRejects(
  tx: EntityManager,
  scope: Scope,
  table: keyof typeof UNKNOWN,
): Promise<RejectQuery> {
  const grants = await grantsValidNow(tx, scope.person.id);
  const nodesOf = (...roles: Role[]): string[] =>
    grants.flatMap(({ role, nodeId }) => (nodeId !== null && roles.includes(role) ? [nodeId] : []));
  const payloadNodes = nodesOf('technician', 'admin');
  const seesUnknown = await isRootAmong(tx, scope, nodesOf('admin'));
  const unknown = seesUnknown ? `or ${UNKNOWN[table]}` : '';
  return tx
    .createQueryBuilder()
    .select([])
    .from(table, 'reject')
    .leftJoin('device', 'device', 'device.key = reject.device_key')
    .leftJoin(TIMES_IN_SCOPE, 'seen', 'seen.device_id = device.id')
    .where(`(${IN_SCOPE[table]} ${unknown})`)
    .setParameters({ nodes: scope.nodeIds, trials: scope.trialIds, payloadNodes });
}

const TEXT = `concat_ws(' ', device.asset_tag, reject.client_name, reject.topic, reject.reason)`;
/** Owned below the node, or standing there now. */
const OF_NODE = `(exists (select 1 from org_node o where o.id = device.owner_node_id and :nodeId = any(o.path))
  or exists (select 1 from placement p join org_node o on o.id = p.node_id where p.device_id = device.id
    and :nodeId = any(o.path) and p.starts_at <= now() and (p.ends_at is null or p.ends_at > now())))`;

/** Narrows to what a filter means; `time` is the table's column of time. */
export function narrowRejects(query: RejectQuery, filter: RejectFilter, time: string): RejectQuery {
  const { search, deviceId, productId, nodeId, code, from, to, outcome } = filter;
  if (deviceId) query.andWhere('device.id = :deviceId', { deviceId });
  if (productId) query.andWhere('device.product_id = :productId', { productId });
  if (nodeId) query.andWhere(OF_NODE, { nodeId });
  if (code) query.andWhere('reject.code = :code', { code });
  if (from) query.andWhere(`${time} >= :from`, { from: new Date(from) });
  if (to) query.andWhere(`${time} < :to`, { to: new Date(to) });
  if (outcome === 'open') query.andWhere('reject.replay_outcome is null');
  else if (outcome) query.andWhere('reject.replay_outcome = :outcome', { outcome });
  if (search) query.andWhere(`${TEXT} ilike all(:patterns::text[])`, { patterns: likePatterns(search) });
  return query;
}

function isRootAmong(tx: EntityManager, scope: Scope, nodeIds: string[]): Promise<boolean> {
  return scoped(tx, OrgNodeEntity, scope)
    .query()
    .andWhere({ id: In(nodeIds), kind: 'municipality' })
    .getExists();
}
