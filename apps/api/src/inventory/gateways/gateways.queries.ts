import { DISCONNECT_CHANNEL, type GatewayChildView, type GatewayView, type HeardNameView } from '#contracts';
import { DeviceEntity, GatewayChildEntity, GatewayEntity, OrgNodeEntity, ProductEntity, REJECT_DAYS } from '#database';
import type { Ecosystem } from '#domain';
import { ADAPTERS } from '#telemetry';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import type { Scope } from '../../scope/scope.js';
import { NotInScope, scoped } from '../../scope/scoped.js';
import { likePatterns } from '../search.js';

interface Filter {
  search?: string | undefined;
  limit: number;
  offset: number;
}

/** Gateways of the scope by name, closed ones last. */
export async function listGateways(
  tx: EntityManager,
  scope: Scope,
  { search, limit, offset }: Filter,
): Promise<{ rows: GatewayView[]; total: number }> {
  const query = joined(tx, scope);
  if (search) query.andWhere(`${TEXT} ilike all(:patterns::text[])`, { patterns: likePatterns(search) });
  const total = await query.getCount();
  const order = query
    .orderBy('row.ended_at is not null')
    .addOrderBy('row.name collate "sv-SE-x-icu"')
    .addOrderBy('row.id');
  return { rows: await views(order.limit(limit).offset(offset)), total };
}

/** One gateway, or NotInScope. */
export async function readGateway(tx: EntityManager, scope: Scope, id: string): Promise<GatewayView> {
  const [view] = await views(joined(tx, scope).andWhere('row.id = :id', { id }));
  if (!view) throw new NotInScope('gateway');
  return view;
}

const TEXT = `concat_ws(' ', row.name, row.public_id, owner.name)`;
/** Kept as long as rejects are (rule K3). */
const HEARD_NOW = `h.last_at > now() - interval '${REJECT_DAYS} days' and not exists (
  select from gateway_child c where c.gateway_id = row.id and c.external_name = h.external_name and c.ends_at is null)`;

const COLUMNS = {
  id: 'row.id',
  public_id: 'row.public_id',
  owner_node_id: 'row.owner_node_id',
  owner_node_name: 'owner.name',
  name: 'row.name',
  ecosystem: 'row.ecosystem',
  topic_prefix: 'row.topic_prefix',
  ended_at: 'row.ended_at',
  created_at: 'row.created_at',
  connected: 'signal.connected',
  connection_changed_at: 'signal.connection_changed_at',
  last_received_at: 'signal.last_received_at',
  children: `(select count(*)::int from gateway_child c where c.gateway_id = row.id and c.ends_at is null)`,
  heard: `(select count(*)::int from gateway_heard h where h.gateway_key = row.key and ${HEARD_NOW})`,
} as const;

interface GatewayRow {
  id: string;
  public_id: string;
  owner_node_id: string;
  owner_node_name: string;
  name: string;
  ecosystem: Ecosystem;
  topic_prefix: string;
  ended_at: Date | null;
  created_at: Date;
  connected: boolean | null;
  connection_changed_at: Date | null;
  last_received_at: Date | null;
  children: number;
  heard: number;
}

function joined(tx: EntityManager, scope: Scope): SelectQueryBuilder<GatewayEntity> {
  const query = scoped(tx, GatewayEntity, scope)
    .query()
    .innerJoin(OrgNodeEntity, 'owner', 'owner.id = row.owner_node_id')
    .leftJoin('gateway_signal', 'signal', 'signal.gateway_key = row.key')
    .select([]);
  for (const [column, source] of Object.entries(COLUMNS)) query.addSelect(source, column);
  return query;
}

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

async function views(query: SelectQueryBuilder<GatewayEntity>): Promise<GatewayView[]> {
  return (await query.getRawMany<GatewayRow>()).map((row) => ({
    id: row.id,
    publicId: row.public_id,
    ownerNodeId: row.owner_node_id,
    ownerNodeName: row.owner_node_name,
    name: row.name,
    ecosystem: row.ecosystem,
    topicPrefix: row.topic_prefix,
    topics: [...ADAPTERS[row.ecosystem].filters(row.topic_prefix)],
    connected: row.connected ?? false,
    connectionChangedAt: iso(row.connection_changed_at),
    lastReceivedAt: iso(row.last_received_at),
    children: row.children,
    heard: row.heard,
    endedAt: iso(row.ended_at),
    createdAt: row.created_at.toISOString(),
  }));
}

interface ChildRow {
  id: string;
  external_name: string;
  device_id: string | null;
  asset_tag: string | null;
  product_id: string | null;
  product_name: string | null;
  is_mapped: boolean;
  last_received_at: Date | null;
  starts_at: Date;
}

const IS_MAPPED = `coalesce((select jsonb_array_length(m.rules) > 0 from product_mapping m
  join device d on d.product_id = m.product_id where d.id = row.device_id and m.ecosystem = gateway.ecosystem
  order by m.version desc limit 1), false)`;

/** The devices that a gateway speaks for now, or one of them. A device out of scope is not told of. */
export async function listChildren(
  tx: EntityManager,
  scope: Scope,
  { gatewayId, id }: { gatewayId: string; id?: string },
): Promise<GatewayChildView[]> {
  const visible = scoped(tx, DeviceEntity, scope).query().select('row.id').getQuery();
  const query = scoped(tx, GatewayChildEntity, scope)
    .query()
    .innerJoin(GatewayEntity, 'gateway', 'gateway.id = row.gateway_id')
    .leftJoin(DeviceEntity, 'device', `device.id = row.device_id and device.id in (${visible})`)
    .leftJoin(ProductEntity, 'product', 'product.id = device.product_id')
    .leftJoin('device_signal', 'signal', 'signal.device_key = device.key')
    .andWhere('row.gateway_id = :gatewayId and row.ends_at is null', { gatewayId })
    .select('row.id', 'id')
    .addSelect('row.external_name', 'external_name')
    .addSelect('device.id', 'device_id')
    .addSelect('device.asset_tag', 'asset_tag')
    .addSelect('product.id', 'product_id')
    .addSelect(`product.supplier || ' ' || product.model`, 'product_name')
    .addSelect(IS_MAPPED, 'is_mapped')
    .addSelect('signal.last_received_at', 'last_received_at')
    .addSelect('row.starts_at', 'starts_at')
    .orderBy('row.external_name collate "sv-SE-x-icu"')
    .addOrderBy('row.id')
    .limit(1000);
  if (id !== undefined) query.andWhere('row.id = :id', { id });
  return (await query.getRawMany<ChildRow>()).map(childView);
}

const childView = (row: ChildRow): GatewayChildView => ({
  id: row.id,
  externalName: row.external_name,
  deviceId: row.device_id,
  assetTag: row.asset_tag,
  productId: row.product_id,
  productName: row.product_name,
  isMapped: row.is_mapped,
  lastReceivedAt: iso(row.last_received_at),
  startsAt: row.starts_at.toISOString(),
});

/** Ends what a gateway, which the caller has reached by the scope, may say for its devices: of all in one statement. */
export async function endChildren(tx: EntityManager, _scope: Scope, { id }: Pick<GatewayEntity, 'id'>): Promise<void> {
  await tx.query(
    /* sql */ `update gateway_child set ends_at = greatest(starts_at, $2::timestamptz)
    where gateway_id = $1 and ends_at is null`,
    [id, new Date()],
  );
}

/** Names that a gateway spoke for in the last 14 days without being granted them, newest first. */
export async function heardNames(tx: EntityManager, scope: Scope, gatewayId: string): Promise<HeardNameView[]> {
  const rows = await scoped(tx, GatewayEntity, scope)
    .query()
    .innerJoin('gateway_heard', 'h', `h.gateway_key = row.key and ${HEARD_NOW}`)
    .andWhere('row.id = :gatewayId', { gatewayId })
    .select('h.external_name', 'name')
    .addSelect('h.first_at', 'first_at')
    .addSelect('h.last_at', 'last_at')
    .addSelect('h.messages', 'messages')
    .orderBy('h.last_at', 'DESC')
    .addOrderBy('h.external_name')
    .getRawMany<{ name: string; first_at: Date; last_at: Date; messages: number }>();
  return rows.map(({ name, first_at, last_at, messages }) => ({
    externalName: name,
    firstAt: first_at.toISOString(),
    lastAt: last_at.toISOString(),
    messages,
  }));
}

/** Asks ingest to drop a gateway's live connection: its key, negated, so that no device has it. */
export async function askGatewayToDisconnect(
  tx: EntityManager,
  _scope: Scope,
  { key }: Pick<GatewayEntity, 'key'>,
): Promise<void> {
  await tx.query(/* sql */ `select pg_notify($1, $2)`, [DISCONNECT_CHANNEL, String(-key)]);
}
