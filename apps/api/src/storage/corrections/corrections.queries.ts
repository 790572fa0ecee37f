import type { CorrectUsages } from '#contracts';
import { ADD_CORRECTION, type DeviceEntity, SET_ASIDE } from '#database';
import type { UsageDecision } from '#domain';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import { happenedInScope, TIMES_IN_SCOPE } from '../../scope/reach.js';
import type { Scope } from '../../scope/scope.js';
import type { ChangedUsage } from '../upkeep/upkeep.queries.js';

type Device = Pick<DeviceEntity, 'id' | 'key'>;

/** Which of a device's usages are meant; a metric by its code, null = every one. */
export interface Wanted {
  from?: string | undefined;
  to?: string | undefined;
  metric: number | null;
  only?: 'set_aside' | undefined;
}

/** The usages of a device that are kept and happened in the scope (rule U8). */
function usagesOf(tx: EntityManager, scope: Scope, device: Device): SelectQueryBuilder<object> {
  return tx
    .createQueryBuilder()
    .select([])
    .from<object>('usage', 'u')
    .where('u.device_key = :deviceKey and u.at >= usage_kept_from()')
    .andWhere(happenedInScope(':deviceId', 'u.at'))
    .setParameters({ deviceId: device.id, deviceKey: device.key, nodes: scope.nodeIds, trials: scope.trialIds });
}

const WAS_CORRECTED = /* sql */ `(u.flags & 32) <> 0 and exists (select from corrected_usage c
  where c.device_key = u.device_key and c.at = u.at and c.message_key = u.message_key)`;

function within<T extends object>(query: SelectQueryBuilder<T>, { from, to, metric, only }: Wanted) {
  if (from !== undefined) query.andWhere('u.at >= :from', { from });
  if (to !== undefined) query.andWhere('u.at < :to', { to });
  if (metric !== null) query.andWhere('u.metric = :metric', { metric });
  if (only === 'set_aside') query.andWhere(WAS_CORRECTED);
  return query;
}

/** A stored usage as it is shown. */
export interface StoredUsageRow {
  usageId: string;
  at: Date;
  receivedAt: Date;
  until: Date | null;
  metric: number;
  value: number | null;
  attributes: Record<string, string | number | boolean> | null;
  flags: number;
  placementKey: number | null;
}

const COLUMNS: Readonly<Record<keyof StoredUsageRow, string>> = {
  usageId: 'u.message_key::text',
  at: 'u.at',
  receivedAt: 'u.received_at',
  until: 'u.until',
  metric: 'u.metric',
  value: 'u.value',
  attributes: 'u.attributes',
  flags: 'u.flags',
  placementKey: 'u.placement_key',
};

/** A device's usages, newest first. */
export async function listUsages(
  tx: EntityManager,
  scope: Scope,
  { device, wanted, limit }: { device: Device; wanted: Wanted; limit: number },
): Promise<StoredUsageRow[]> {
  const query = within(usagesOf(tx, scope, device), wanted)
    .orderBy('u.at', 'DESC')
    .addOrderBy('u.message_key', 'DESC')
    .limit(limit);
  for (const [column, source] of Object.entries(COLUMNS)) query.addSelect(source, column);
  return query.getRawMany<StoredUsageRow>();
}

/** The newest decision of a usage. */
export interface DecisionRow {
  usageId: string;
  at: Date;
  decided: UsageDecision;
  reason: string;
  byName: string;
  decidedAt: Date;
}

/** The newest decision of each of these usages that has one. */
export async function newestDecisions(
  tx: EntityManager,
  _scope: Scope,
  { device, usages }: { device: Device; usages: readonly Pick<StoredUsageRow, 'at' | 'usageId'>[] },
): Promise<DecisionRow[]> {
  return tx.query(
    /* sql */ `select distinct on (c.at, c.message_key) c.message_key::text as "usageId", c.at, d.decided, d.reason,
      p.name as "byName", d.decided_at as "decidedAt"
    from unnest($2::timestamptz[], $3::int[]) as g(at, message_key)
    join corrected_usage c on c.device_key = $1 and c.at = g.at and c.message_key = g.message_key
    join usage_correction d on d.id = c.correction_id
    join user_account p on p.id = d.decided_by
    order by c.at, c.message_key, c.correction_id desc`,
    [device.key, usages.map(({ at }) => at), usages.map(({ usageId }) => usageId)],
  );
}

/** A decision with how many usages it changed, and the first and the last of them. */
export interface CorrectionRow {
  id: number;
  decided: UsageDecision;
  reason: string;
  byName: string;
  decidedAt: Date;
  usages: number;
  from: Date;
  to: Date;
}

const LONGEST_LIST = 200;
/** Only what a decision changed of when the device stood in the scope is told of it (rule U8). */
const CORRECTIONS = /* sql */ `(
  select d.id, d.decided, d.reason, p.name as "byName", d.decided_at as "decidedAt", count(*)::int as usages,
    min(c.at) as "from", max(c.at) as "to"
  from usage_correction d
  join user_account p on p.id = d.decided_by
  join corrected_usage c on c.correction_id = d.id
  join ${TIMES_IN_SCOPE} seen on seen.device_id = d.device_id and seen.times @> c.at
  where d.device_id = :deviceId
  group by d.id, p.name)`;

/** What was decided of a device's usages that happened in the scope, newest first. */
export async function listCorrections(tx: EntityManager, scope: Scope, device: Device): Promise<CorrectionRow[]> {
  return tx
    .createQueryBuilder()
    .select('correction.*')
    .from(CORRECTIONS, 'correction')
    .setParameters({ deviceId: device.id, nodes: scope.nodeIds, trials: scope.trialIds })
    .orderBy('correction.id', 'DESC')
    .limit(LONGEST_LIST)
    .getRawMany<CorrectionRow>();
}

/** A usage that is meant, and whether it is set aside now. */
export interface MeantUsage {
  at: Date;
  usageId: string;
  isSetAside: boolean;
}

/** The named usages of a device: fewer than named where one is not kept, or lies outside the scope. */
export async function namedUsages(
  tx: EntityManager,
  scope: Scope,
  { device, usages }: { device: Device; usages: CorrectUsages['usages'] },
): Promise<MeantUsage[]> {
  return meant(
    usagesOf(tx, scope, device)
      .andWhere('u.at between :first and :last', bounds(usages.map(({ at }) => new Date(at))))
      .andWhere('(u.at, u.message_key) in (select * from unnest(:ats::timestamptz[], :keys::int[]))', {
        ats: usages.map(({ at }) => at),
        keys: usages.map(({ usageId }) => usageId),
      }),
  );
}

/** How many usages a device has in a period, and how many of them are set aside. */
export async function countUsages(
  tx: EntityManager,
  scope: Scope,
  { device, wanted }: { device: Device; wanted: Wanted },
): Promise<{ usages: number; setAside: number }> {
  const query = within(usagesOf(tx, scope, device), wanted)
    .addSelect('count(*)::int', 'usages')
    .addSelect('(count(*) filter (where (u.flags & 32) <> 0))::int', 'setAside');
  return (await query.getRawOne<{ usages: number; setAside: number }>()) ?? { usages: 0, setAside: 0 };
}

/** A device's usages in a period, in the order of time. */
export async function usagesWithin(
  tx: EntityManager,
  scope: Scope,
  { device, wanted, limit }: { device: Device; wanted: Wanted; limit: number },
): Promise<MeantUsage[]> {
  return meant(within(usagesOf(tx, scope, device), wanted).limit(limit));
}

function meant(query: SelectQueryBuilder<object>): Promise<MeantUsage[]> {
  return query
    .addSelect('u.at', 'at')
    .addSelect('u.message_key::text', 'usageId')
    .addSelect('(u.flags & 32) <> 0', 'isSetAside')
    .orderBy('u.at')
    .addOrderBy('u.message_key')
    .getRawMany<MeantUsage>();
}

function bounds(times: readonly Date[]): { first: Date; last: Date } {
  const ms = times.map(Number);
  return {
    first: new Date(ms.reduce((one, other) => Math.min(one, other), Infinity)),
    last: new Date(ms.reduce((one, other) => Math.max(one, other), -Infinity)),
  };
}

/** Usages that a decision changes, which the caller has reached through the scope. */
export interface Changing {
  device: Device;
  usages: readonly MeantUsage[];
  decided: UsageDecision;
  reason: string;
}

/** Changes whether usages count; answers those that it changed. */
export async function changeUsages(
  tx: EntityManager,
  _scope: Scope,
  { device, usages, decided }: Changing,
): Promise<ChangedUsage[]> {
  const times = usages.map(({ at }) => at);
  const { first, last } = bounds(times);
  const keys = usages.map(({ usageId }) => usageId);
  const values = [device.key, times, keys, first, last, decided === 'set_aside'];
  const [changed] = await tx.query<[ChangedUsage[], number]>(SET_ASIDE.text, values);
  return changed;
}

/** Adds the decision that changed these usages. */
export async function addCorrection(
  tx: EntityManager,
  scope: Scope,
  { device, usages, decided, reason }: Changing,
): Promise<void> {
  const keys = [usages.map(({ at }) => at), usages.map(({ usageId }) => usageId)];
  await tx.query(ADD_CORRECTION.text, [device.id, decided, reason, scope.person.id, device.key, ...keys]);
}
