import { DeviceEntity } from '#database';
import { CLOCK_TOLERANCE_MS, type FamilyCode } from '#domain';
import type { EntityManager } from 'typeorm';
import { hourIsSeen, isNowInScope, TIMES_IN_SCOPE } from '../scope/reach.js';
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
 * their time lay ahead: a clock that goes five minutes ahead is never measured (rule U5). The worst first. A device that
 * only stood in the scope once is left out, and one that has come counts what was refused here (rule U8).
 */
export async function wrongClocks(
  tx: EntityManager,
  scope: Scope,
  limit: number,
): Promise<{ rows: WrongClock[]; total: number }> {
  const query = scoped(tx, DeviceEntity, scope)
    .query()
    .addCommonTableExpression(REFUSED, 'refused', { materialized: true })
    .innerJoin('product', 'product', 'product.id = row.product_id')
    .leftJoin('device_signal', 'signal', 'signal.device_key = row.key')
    .leftJoin('refused', 'refused', 'refused.device_key = row.key')
    .leftJoin('placement', 'placement', STANDS_NOW)
    .leftJoin('org_node', 'place', 'place.id = placement.node_id and place.path && :nodes::uuid[]')
    .andWhere(`row.lifecycle <> 'retired' and not row.is_canary`)
    .andWhere(isNowInScope('row', 'placement'))
    .andWhere('(abs(signal.clock_skew_ms) > :tolerance or refused.count > 0)', { tolerance: CLOCK_TOLERANCE_MS });
  query.select([]).addSelect('count(*) over ()::int', 'total');
  for (const [column, source] of Object.entries(COLUMNS)) query.addSelect(source, column);
  query.orderBy('coalesce(abs(signal.clock_skew_ms), 0)', 'DESC').addOrderBy('row.asset_tag').limit(limit);
  const rows = await query.getRawMany<WrongClock & { total: number }>();
  return { rows: rows.map(({ total: _, ...clock }) => clock), total: rows[0]?.total ?? 0 };
}

const STANDS_NOW = `placement.device_id = row.id and placement.starts_at <= now()
  and (placement.ends_at is null or placement.ends_at > now())`;
/** The limit has the times looked up for the few that were refused, and not worked out for every device. */
const REFUSED = `select c.device_key, sum(c.count)::int as count from rejected_count c
  join device d on d.key = c.device_key
  cross join lateral (
    select from ${TIMES_IN_SCOPE} seen where seen.device_id = d.id and ${hourIsSeen('c.hour')} limit 1
  ) here
  where c.code = 'time_in_future' and c.hour > now() - interval '24 hours' group by c.device_key`;

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
