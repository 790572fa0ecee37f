import type { DeviceView } from '#contracts';
import { DeviceEntity, OrgNodeEntity, PlacementEntity, ProductEntity, TrialEntity } from '#database';
import { type Arm, type DeviceLifecycle, FAMILIES, type FamilyCode, type Purpose, type ToldState } from '#domain';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import { type SignalRow, signalView } from '../../live/signal-view.js';
import { isNowInScope } from '../../scope/reach.js';
import type { Scope } from '../../scope/scope.js';
import { NotInScope, scoped } from '../../scope/scoped.js';

/** Devices of the scope by their ids, in that order; those that are not in it are left out. */
export async function readDevices(tx: EntityManager, scope: Scope, ids: readonly string[]): Promise<DeviceView[]> {
  if (ids.length === 0) return [];
  const found = await views(joined(tx, scope).andWhere('row.id = any(:ids::uuid[])', { ids }));
  const byId = new Map(found.map((view) => [view.id, view]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** One device, or NotInScope. */
export async function readDevice(tx: EntityManager, scope: Scope, id: string): Promise<DeviceView> {
  const [view] = await views(joined(tx, scope).andWhere('row.id = :id', { id }));
  if (!view) throw new NotInScope('device');
  return view;
}

const STANDS_NOW = `placement.device_id = row.id and placement.starts_at <= :now and (placement.ends_at is null or placement.ends_at > :now)`;

/** Column of the answer → where it comes from. */
const COLUMNS = {
  id: 'row.id',
  public_id: 'row.public_id',
  owner_node_id: 'row.owner_node_id',
  owner_node_name: 'owner.name',
  asset_tag: 'row.asset_tag',
  serial: 'row.serial',
  lifecycle: 'row.lifecycle',
  simulated: 'row.simulated',
  is_canary: 'row.is_canary',
  expected_interval_seconds: 'row.expected_interval_seconds',
  created_at: 'row.created_at',
  product_id: 'product.id',
  product_name: `product.supplier || ' ' || product.model`,
  family: 'product.family',
  is_signal_seen: isNowInScope('row', 'placement'),
  connected: 'signal.connected',
  state: 'signal.state',
  last_at: 'signal.last_at',
  last_received_at: 'signal.last_received_at',
  battery: 'signal.battery',
  battery_at: 'signal.battery_at',
  firmware: 'signal.firmware',
  clock_skew_ms: 'signal.clock_skew_ms',
  clock_skew_at: 'signal.clock_skew_at',
  repeats_not_detectable: 'signal.repeats_not_detectable',
  ids_repeat: 'signal.ids_repeat',
  placement_id: 'placement.id',
  node_id: 'placement.node_id',
  node_name: 'place.name',
  trial_id: 'placement.trial_id',
  trial_code: 'trial.code',
  purpose: 'placement.purpose',
  arm: 'placement.arm',
  series_id: 'placement.series_id',
  starts_at: 'placement.starts_at',
  ends_at: 'placement.ends_at',
} as const;

interface DeviceRow {
  id: string;
  public_id: string;
  owner_node_id: string;
  owner_node_name: string;
  asset_tag: string;
  serial: string | null;
  lifecycle: DeviceLifecycle;
  simulated: boolean;
  is_canary: boolean;
  expected_interval_seconds: number | null;
  created_at: Date;
  product_id: string;
  product_name: string;
  family: FamilyCode;
  /** Rule U8: how it is now is for its owner and for where it stands. */
  is_signal_seen: boolean;
  connected: boolean | null;
  state: ToldState | null;
  last_at: Date | null;
  last_received_at: Date | null;
  battery: number | null;
  battery_at: Date | null;
  firmware: string | null;
  clock_skew_ms: number | null;
  clock_skew_at: Date | null;
  repeats_not_detectable: boolean | null;
  ids_repeat: boolean | null;
  placement_id: string | null;
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

/** Where a device went after it left the scope is not told: its placement is joined only where that may be read itself. */
function joined(tx: EntityManager, scope: Scope): SelectQueryBuilder<DeviceEntity> {
  const visible = scoped(tx, PlacementEntity, scope).query().select('row.id').getQuery();
  const query = scoped(tx, DeviceEntity, scope)
    .query()
    .innerJoin(ProductEntity, 'product', 'product.id = row.product_id')
    .innerJoin(OrgNodeEntity, 'owner', 'owner.id = row.owner_node_id')
    .leftJoin('device_signal', 'signal', 'signal.device_key = row.key')
    .leftJoin(PlacementEntity, 'placement', `${STANDS_NOW} and placement.id in (${visible})`)
    .leftJoin(OrgNodeEntity, 'place', 'place.id = placement.node_id')
    .leftJoin(TrialEntity, 'trial', 'trial.id = placement.trial_id')
    .setParameter('now', new Date())
    .select([]);
  for (const [column, source] of Object.entries(COLUMNS)) query.addSelect(source, column);
  return query;
}

async function views(query: SelectQueryBuilder<DeviceEntity>): Promise<DeviceView[]> {
  const now = new Date();
  return (await query.getRawMany<DeviceRow>()).map((row) => deviceView(row, now));
}

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

function deviceView(row: DeviceRow, now: Date): DeviceView {
  return {
    id: row.id,
    publicId: row.public_id,
    productId: row.product_id,
    productName: row.product_name,
    family: row.family,
    ownerNodeId: row.owner_node_id,
    ownerNodeName: row.owner_node_name,
    assetTag: row.asset_tag,
    serial: row.serial,
    lifecycle: row.lifecycle,
    simulated: row.simulated,
    isCanary: row.is_canary,
    expectedIntervalSeconds: row.expected_interval_seconds ?? FAMILIES[row.family].expectedIntervalSeconds,
    signal: row.is_signal_seen ? signalView(signalRow(row), now) : null,
    placement: placementView(row),
    createdAt: row.created_at.toISOString(),
  };
}

const signalRow = (row: DeviceRow): SignalRow => ({
  family: row.family,
  expectedIntervalSeconds: row.expected_interval_seconds,
  connected: row.connected ?? false,
  state: row.state,
  lastSignalAt: row.last_at,
  lastReceivedAt: row.last_received_at,
  battery: row.battery,
  batteryAt: row.battery_at,
  firmware: row.firmware,
  clockSkewMs: row.clock_skew_ms,
  clockSkewAt: row.clock_skew_at,
  repeatsNotDetectable: row.repeats_not_detectable ?? false,
  idsRepeat: row.ids_repeat ?? false,
});

function placementView(row: DeviceRow): DeviceView['placement'] {
  if (row.placement_id === null) return null;
  return {
    id: row.placement_id,
    deviceId: row.id,
    assetTag: row.asset_tag,
    nodeId: row.node_id,
    nodeName: row.node_name,
    trialId: row.trial_id,
    trialCode: row.trial_code,
    purpose: row.purpose,
    arm: row.arm,
    seriesId: row.series_id,
    startsAt: row.starts_at.toISOString(),
    endsAt: iso(row.ends_at),
  };
}
