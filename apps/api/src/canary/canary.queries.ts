import { DeviceEntity, PlacementEntity } from '#database';
import type { EntityManager } from 'typeorm';

/** Any number; the same in every API process, so that one of them keeps the canaries. */
const CANARY_LOCK = 7_428_351;

/** Whether this connection now keeps the canaries, until it closes or unlocks. */
export async function tryCanaryLock(tx: EntityManager): Promise<boolean> {
  const [row] = await tx.query<{ locked: boolean }[]>('select pg_try_advisory_lock($1) as locked', [CANARY_LOCK]);
  return row?.locked ?? false;
}

export async function releaseCanaryLock(tx: EntityManager): Promise<void> {
  await tx.query('select pg_advisory_unlock($1)', [CANARY_LOCK]);
}

/**
 * The municipalities that have a canary. A broker of one's own knows a single one, by its name: it belongs to a
 * municipality that is no demo as soon as there is one, and stays where it is among those.
 */
export async function canaryRoots(tx: EntityManager, onlyNamed: string | null): Promise<string[]> {
  const rows = await tx.query<{ id: string }[]>(
    /* sql */ `select r.id from org_node r where r.parent_id is null
      and (r.valid_to is null or r.valid_to > (now() at time zone r.time_zone)::date)
    order by r.demo, exists (select from device d where d.root_id = r.id and d.public_id = $1) desc, r.valid_from, r.id`,
    [onlyNamed],
  );
  return rows.map(({ id }) => id).slice(0, onlyNamed === null ? Infinity : 1);
}

/** Takes a canary's name from the one that had it in another municipality: that one retires under another name. */
export async function freeName(
  tx: EntityManager,
  rootId: string,
  { name, instead }: { name: string; instead: string },
): Promise<void> {
  await tx.query(
    /* sql */ `update device set public_id = $3, lifecycle = 'retired' where public_id = $2 and is_canary and root_id <> $1`,
    [rootId, name, instead],
  );
}

/** Whether the municipality is still there, locked against its removal until the transaction ends. */
export async function lockRoot(tx: EntityManager, rootId: string): Promise<boolean> {
  const rows = await tx.query<unknown[]>('select from org_node where id = $1 for share', [rootId]);
  return rows.length > 0;
}

/** The municipality's canary, null before its first. */
export function findCanary(tx: EntityManager, rootId: string): Promise<DeviceEntity | null> {
  return tx
    .createQueryBuilder(DeviceEntity, 'device')
    .where(`device.root_id = :rootId and device.is_canary and device.lifecycle <> 'retired'`, { rootId })
    .getOne();
}

/** A canary as it is made; it stands at its municipality for tests (rule U9: in no benefit). */
export async function addCanary(
  tx: EntityManager,
  device: Pick<DeviceEntity, 'id' | 'publicId' | 'rootId' | 'productId' | 'assetTag'>,
  standsSince: Date,
): Promise<DeviceEntity> {
  const { id, rootId } = device;
  await tx.insert(DeviceEntity, { ...device, ownerNodeId: rootId, lifecycle: 'in_use', isCanary: true });
  const place = { rootId, deviceId: id, nodeId: rootId, seriesId: id };
  await tx.insert(PlacementEntity, { ...place, id, purpose: 'test', startsAt: standsSince });
  return tx.findOneByOrFail(DeviceEntity, { id });
}

/** The canary's product in the municipality, made where there is none. */
export async function canaryProduct(
  tx: EntityManager,
  rootId: string,
  given: { id: string; family: string; supplier: string; model: string },
): Promise<string> {
  await tx.query(
    /* sql */ `insert into product (id, root_id, family, supplier, model) values ($1, $2, $3, $4, $5) on conflict do nothing`,
    [given.id, rootId, given.family, given.supplier, given.model],
  );
  const [row] = await tx.query<{ id: string }[]>(
    /* sql */ `select id from product where root_id = $1 and lower(supplier) = lower($2) and lower(model) = lower($3)`,
    [rootId, given.supplier, given.model],
  );
  if (!row) throw new Error('The canary’s product cannot be found where it was just made.');
  return row.id;
}

/** Gives a canary the name that the broker knows it by. */
export async function renameCanary(tx: EntityManager, deviceId: string, name: string): Promise<void> {
  await tx.query(/* sql */ `update device set public_id = $2 where id = $1 and is_canary`, [deviceId, name]);
}

/** Ends every secret of a device but the given one. */
export async function revokeOthers(tx: EntityManager, deviceId: string, keptId: string): Promise<void> {
  await tx.query(
    /* sql */ `update device_credential set revoked_at = now() where device_id = $1 and id <> $2 and revoked_at is null`,
    [deviceId, keptId],
  );
}

/** Whether a usage of a device at an instant is stored. */
export async function hasRow(tx: EntityManager, deviceKey: number, at: Date): Promise<boolean> {
  const rows = await tx.query<unknown[]>('select from usage where device_key = $1 and at = $2 limit 1', [
    deviceKey,
    at,
  ]);
  return rows.length > 0;
}
