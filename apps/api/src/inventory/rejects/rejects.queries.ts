import type { RejectView } from '#contracts';
import { DeviceEntity, OrgNodeEntity } from '#database';
import type { Role } from '#domain';
import { type EntityManager, In, type ObjectLiteral, type SelectQueryBuilder } from 'typeorm';
import { grantsValidNow } from '../../identity/sessions.service.js';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { likePatterns } from '../search.js';

const PAYLOAD_CHARACTERS = 2000;
/** No character takes more bytes in UTF-8. */
const PAYLOAD_BYTES = PAYLOAD_CHARACTERS * 4;

interface Filter {
  search?: string | undefined;
  deviceId?: string | undefined;
  code?: string | undefined;
  limit: number;
  offset: number;
}

/**
 * Messages of the scope's devices that could not be taken, newest first. Those that name no known device belong to no
 * unit and are for an administrator of a whole municipality; payloads are for technicians and administrators, each where
 * the role holds (rule K3).
 */
export async function listRejects(
  tx: EntityManager,
  scope: Scope,
  filter: Filter,
): Promise<{ rows: RejectView[]; total: number }> {
  const query = await visibleRejects(tx, scope);
  if (filter.deviceId) query.andWhere('device.id = :deviceId', { deviceId: filter.deviceId });
  if (filter.code) query.andWhere('reject.code = :code', { code: filter.code });
  if (filter.search) query.andWhere(`${TEXT} ilike all(:patterns::text[])`, { patterns: likePatterns(filter.search) });
  const counted = await query.clone().select('count(*)::int', 'total').getRawOne<{ total: number }>();
  for (const [column, source] of Object.entries(COLUMNS)) query.addSelect(source, column);
  query.orderBy('reject.received_at', 'DESC').addOrderBy('reject.id', 'DESC').limit(filter.limit).offset(filter.offset);
  return { rows: (await query.getRawMany<RejectRow>()).map(view), total: counted?.total ?? 0 };
}

const TEXT = `concat_ws(' ', device.asset_tag, reject.client_name, reject.topic, reject.reason)`;
const MAY_READ_PAYLOAD = `(case when device.id is null then true
  else exists (select 1 from org_node o where o.id = device.owner_node_id and o.path && :payloadNodes::uuid[])
    or exists (select 1 from placement p join org_node o on o.id = p.node_id
      where p.device_id = device.id and o.path && :payloadNodes::uuid[]) end)`;

const COLUMNS = {
  id: 'reject.id',
  received_at: 'reject.received_at',
  device_id: 'device.id',
  asset_tag: 'device.asset_tag',
  client_name: 'reject.client_name',
  topic: 'reject.topic',
  code: 'reject.code',
  reason: 'reject.reason',
  element: 'reject.element',
  payload: `case when ${MAY_READ_PAYLOAD} then substring(reject.payload from 1 for ${PAYLOAD_BYTES}) end`,
  payload_bytes: 'reject.payload_bytes',
} as const;

interface RejectRow {
  id: number;
  received_at: Date;
  device_id: string | null;
  asset_tag: string | null;
  client_name: string;
  topic: string;
  code: string;
  reason: string;
  element: number | null;
  payload: Buffer | null;
  payload_bytes: number;
}

async function visibleRejects(tx: EntityManager, scope: Scope): Promise<SelectQueryBuilder<ObjectLiteral>> {
  const devices = scoped(tx, DeviceEntity, scope).query().select('row.key');
  const payloadNodes = await nodesOfRoles(tx, scope, ['technician', 'admin']);
  const seesUnknown = await isRootAmong(tx, scope, await nodesOfRoles(tx, scope, ['admin']));
  const unknown = seesUnknown ? 'or reject.device_key is null' : '';
  return tx
    .createQueryBuilder()
    .select([])
    .from('rejected_message', 'reject')
    .leftJoin('device', 'device', 'device.key = reject.device_key')
    .where(`(reject.device_key in (${devices.getQuery()}) ${unknown})`)
    .setParameters({ ...devices.getParameters(), payloadNodes });
}

/** The nodes on which the caller holds one of the roles now. */
async function nodesOfRoles(tx: EntityManager, scope: Scope, roles: readonly Role[]): Promise<string[]> {
  const grants = await grantsValidNow(tx, scope.person.id);
  return grants.filter(({ role }) => roles.includes(role)).flatMap(({ nodeId }) => nodeId ?? []);
}

function isRootAmong(tx: EntityManager, scope: Scope, nodeIds: string[]): Promise<boolean> {
  return scoped(tx, OrgNodeEntity, scope)
    .query()
    .andWhere({ id: In(nodeIds), kind: 'municipality' })
    .getExists();
}

/** Whatever bytes a device sent, as text: what is no UTF-8 shows as the replacement character. */
const payloadText = (bytes: Buffer): string => [...bytes.toString('utf8')].slice(0, PAYLOAD_CHARACTERS).join('');

const view = (row: RejectRow): RejectView => ({
  id: row.id,
  receivedAt: row.received_at.toISOString(),
  deviceId: row.device_id,
  assetTag: row.asset_tag,
  clientName: row.client_name,
  topic: row.topic,
  code: row.code,
  reason: row.reason,
  element: row.element,
  payload: row.payload === null ? null : payloadText(row.payload),
  payloadBytes: row.payload_bytes,
});
