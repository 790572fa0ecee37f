import { DeviceEntity } from '#database';
import { CLOCK_TOLERANCE_MS, type FamilyCode } from '#domain';
import type { EntityManager } from 'typeorm';
import type { Scope } from '../scope/scope.js';
import { scoped } from '../scope/scoped.js';

/** Jobs whose time has come and that have not failed. */
export async function waitingJobs(tx: EntityManager): Promise<number> {
  const [row] = await tx.query<{ count: number }[]>(
    /* sql */ `select count(*)::int as count from graphile_worker.jobs where run_at <= now() and last_error is null`,
  );
  return row?.count ?? 0;
}

/** A device whose clock is wrong, as far as can be told. */
export interface WrongClock {
  deviceId: string;
  assetTag: string;
  productName: string;
  family: FamilyCode;
  nodeName: string | null;
  clockSkewMs: number | null;
  clockSkewAt: Date | null;
  refusedAsFuture: number;
}

/**
 * Devices of the scope whose clock was last measured to go wrong, or that had messages refused in the last 24 hours since
 * their time lay ahead: a clock that goes five minutes ahead is never measured (rule U5). The worst first.
 */
export async function wrongClocks(
  tx: EntityManager,
  scope: Scope,
  limit: number,
): Promise<{ rows: WrongClock[]; total: number }> {
  const query = scoped(tx, DeviceEntity, scope)
    .query()
    .innerJoin('product', 'product', 'product.id = row.product_id')
    .leftJoin('device_signal', 'signal', 'signal.device_key = row.key')
    .leftJoin(REFUSED, 'refused', 'refused.device_key = row.key')
    .leftJoin('placement', 'placement', STANDS_NOW)
    .leftJoin('org_node', 'place', 'place.id = placement.node_id and place.path && :nodes::uuid[]')
    .andWhere(`row.lifecycle <> 'retired' and not row.is_canary`)
    .andWhere('(abs(signal.clock_skew_ms) > :tolerance or refused.count > 0)', { tolerance: CLOCK_TOLERANCE_MS });
  const total = await query.getCount();
  query.select([]);
  for (const [column, source] of Object.entries(COLUMNS)) query.addSelect(source, column);
  query.orderBy('coalesce(abs(signal.clock_skew_ms), 0)', 'DESC').addOrderBy('row.asset_tag').limit(limit);
  return { rows: await query.getRawMany<WrongClock>(), total };
}

const STANDS_NOW = `placement.device_id = row.id and placement.starts_at <= now()
  and (placement.ends_at is null or placement.ends_at > now())`;
const REFUSED = `(select device_key, sum(count)::int as count from rejected_count
  where code = 'time_in_future' and hour > now() - interval '24 hours' group by device_key)`;

const COLUMNS = {
  deviceId: 'row.id',
  assetTag: 'row.asset_tag',
  productName: `product.supplier || ' ' || product.model`,
  family: 'product.family',
  nodeName: 'place.name',
  clockSkewMs: 'signal.clock_skew_ms',
  clockSkewAt: 'signal.clock_skew_at',
  refusedAsFuture: 'coalesce(refused.count, 0)',
} as const;
