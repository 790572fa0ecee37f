import type { RejectCounts, RejectFilter, RejectGroupView } from '#contracts';
import { REJECT_DAYS } from '#database';
import type { EntityManager } from 'typeorm';
import type { Scope } from '../../scope/scope.js';
import { narrowRejects, type RejectQuery, visibleRejects } from './visible-rejects.queries.js';

type Filter = Omit<RejectFilter, 'search' | 'outcome'>;

/** Without a start, as far back as rejects are kept. */
const RANGE_MS = REJECT_DAYS * 86_400_000;
const ROWS_MAX = 1_000;

/** How many rejects there were in each hour (UTC) or day (of the zone) that had any. */
export async function countRejects(
  tx: EntityManager,
  scope: Scope,
  { step, zone, ...filter }: Filter & { step: RejectCounts['step']; zone: string },
): Promise<RejectCounts> {
  const at = step === 'hour' ? 'reject.hour' : `date_trunc('day', reject.hour at time zone :zone) at time zone :zone`;
  const rows = await (
    await countedRejects(tx, scope, filter)
  )
    .setParameter('zone', zone)
    .addSelect(at, 'at')
    .addSelect('sum(reject.count)::int', 'count')
    .groupBy('1')
    .orderBy('1', 'DESC')
    .limit(ROWS_MAX)
    .getRawMany<{ at: Date; count: number }>();
  const counts = rows.reverse().map((row) => ({ at: row.at.toISOString(), count: row.count }));
  return { step, rows: counts, total: counts.reduce((sum, { count }) => sum + count, 0) };
}

/** What is wrong at large: the rejects of each code, the most frequent first. */
export async function groupRejects(tx: EntityManager, scope: Scope, filter: Filter): Promise<RejectGroupView[]> {
  const rows = await (
    await countedRejects(tx, scope, filter)
  )
    .addSelect('reject.code', 'code')
    .addSelect('sum(reject.count)::int', 'count')
    .addSelect('count(distinct reject.device_key)::int', 'devices')
    .addSelect('min(reject.hour)', 'since')
    .addSelect('max(reject.hour)', 'until')
    .groupBy('reject.code')
    .orderBy('sum(reject.count)', 'DESC')
    .addOrderBy('reject.code')
    .getRawMany<{ code: string; count: number; devices: number; since: Date; until: Date }>();
  return rows.map((row) => ({ ...row, since: row.since.toISOString(), until: row.until.toISOString() }));
}

/** Counts are by the hour: an hour in which the wanted time begins is counted whole. */
async function countedRejects(tx: EntityManager, scope: Scope, filter: Filter): Promise<RejectQuery> {
  const from = new Date(filter.from ? Date.parse(filter.from) : Date.now() - RANGE_MS);
  from.setUTCMinutes(0, 0, 0);
  const query = await visibleRejects(tx, scope, 'rejected_count');
  return narrowRejects(query, { ...filter, from: from.toISOString() }, 'reject.hour');
}
