import type { PlacementView } from '#contracts';
import { DeviceEntity, OrgNodeEntity, PlacementEntity, ProductEntity, TrialEntity } from '#database';
import type { Arm, FamilyCode, Interval, Purpose } from '#domain';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import type { Scope } from '../../scope/scope.js';
import { NotInScope, scoped } from '../../scope/scoped.js';
import { likePatterns } from '../search.js';

interface Filter {
  search?: string | undefined;
  deviceId?: string | undefined;
  trialId?: string | undefined;
  nodeId?: string | undefined;
  limit: number;
  offset: number;
}

/** Placements of the scope, newest first; a node's are those at the node itself or below it. */
export async function listPlacements(
  tx: EntityManager,
  scope: Scope,
  filter: Filter,
): Promise<{ rows: PlacementView[]; total: number }> {
  const query = joined(tx, scope);
  if (filter.deviceId) query.andWhere('row.device_id = :deviceId', { deviceId: filter.deviceId });
  else query.andWhere('not device.is_canary');
  if (filter.trialId) query.andWhere('row.trial_id = :trialId', { trialId: filter.trialId });
  if (filter.nodeId) query.andWhere(':nodeId = any(place.path)', { nodeId: filter.nodeId });
  if (filter.search) query.andWhere(`${TEXT} ilike all(:patterns::text[])`, { patterns: likePatterns(filter.search) });
  const total = await query.getCount();
  query.orderBy('row.starts_at', 'DESC').addOrderBy('row.id').limit(filter.limit).offset(filter.offset);
  return { rows: await views(query), total };
}

/** One placement, or NotInScope. */
export async function readPlacement(tx: EntityManager, scope: Scope, id: string): Promise<PlacementView> {
  const [view] = await views(joined(tx, scope).andWhere('row.id = :id', { id }));
  if (!view) throw new NotInScope('placement');
  return view;
}

/** The device's earliest placement that shares an instant with the interval; lock the device first. */
export async function overlappingPlacement(
  tx: EntityManager,
  scope: Scope,
  { deviceId, interval }: { deviceId: string; interval: Interval },
): Promise<PlacementView | undefined> {
  const shared = `tstzrange(row.starts_at, row.ends_at) && tstzrange(:from, :to)`;
  const query = joined(tx, scope).andWhere('row.device_id = :deviceId', { deviceId }).andWhere(shared, interval);
  const [first] = await views(query.orderBy('row.starts_at').limit(1));
  return first;
}

/** Whether a device stands anywhere at this moment. */
export async function standsSomewhere(tx: EntityManager, scope: Scope, deviceId: string): Promise<boolean> {
  const now = 'row.starts_at <= :now and (row.ends_at is null or row.ends_at > :now)';
  return scoped(tx, PlacementEntity, scope)
    .query()
    .andWhere('row.device_id = :deviceId', { deviceId })
    .andWhere(now, { now: new Date() })
    .getExists();
}

/** The family of a device of the scope. */
export async function familyOf(tx: EntityManager, scope: Scope, deviceId: string): Promise<FamilyCode> {
  const row = await scoped(tx, DeviceEntity, scope)
    .query()
    .innerJoin(ProductEntity, 'product', 'product.id = row.product_id')
    .andWhere('row.id = :deviceId', { deviceId })
    .select('product.family', 'family')
    .getRawOne<{ family: FamilyCode }>();
  if (!row) throw new NotInScope('device');
  return row.family;
}

const TEXT = `concat_ws(' ', device.asset_tag, place.name, trial.code)`;

const COLUMNS = {
  id: 'row.id',
  device_id: 'row.device_id',
  asset_tag: 'device.asset_tag',
  node_id: 'row.node_id',
  node_name: 'place.name',
  trial_id: 'row.trial_id',
  trial_code: 'trial.code',
  purpose: 'row.purpose',
  arm: 'row.arm',
  series_id: 'row.series_id',
  starts_at: 'row.starts_at',
  ends_at: 'row.ends_at',
} as const;

interface PlacementRow {
  id: string;
  device_id: string;
  asset_tag: string;
  node_id: string;
  node_name: string;
  trial_id: string | null;
  trial_code: string | null;
  purpose: Purpose;
  arm: Arm | null;
  series_id: string;
  starts_at: Date;
  ends_at: Date | null;
}

function joined(tx: EntityManager, scope: Scope): SelectQueryBuilder<PlacementEntity> {
  const query = scoped(tx, PlacementEntity, scope)
    .query()
    .innerJoin(DeviceEntity, 'device', 'device.id = row.device_id')
    .innerJoin(OrgNodeEntity, 'place', 'place.id = row.node_id')
    .leftJoin(TrialEntity, 'trial', 'trial.id = row.trial_id')
    .select([]);
  for (const [column, source] of Object.entries(COLUMNS)) query.addSelect(source, column);
  return query;
}

async function views(query: SelectQueryBuilder<PlacementEntity>): Promise<PlacementView[]> {
  return (await query.getRawMany<PlacementRow>()).map((row) => ({
    id: row.id,
    deviceId: row.device_id,
    assetTag: row.asset_tag,
    nodeId: row.node_id,
    nodeName: row.node_name,
    trialId: row.trial_id,
    trialCode: row.trial_code,
    purpose: row.purpose,
    arm: row.arm,
    seriesId: row.series_id,
    startsAt: row.starts_at.toISOString(),
    endsAt: row.ends_at?.toISOString() ?? null,
  }));
}
