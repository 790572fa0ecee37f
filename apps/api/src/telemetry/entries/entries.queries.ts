import { isCounted, UsageEntryEntity, UserAccountEntity } from '#database';
import { type EntityManager, In } from 'typeorm';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';

/** An entry with the name of who entered it. */
export type NamedEntry = UsageEntryEntity & { enteredByName: string };

/** Entries of a device in the scope, newest first; those of the form's keys, or all. */
export async function listEntries(
  tx: EntityManager,
  scope: Scope,
  wanted: { deviceId: string; keys?: readonly string[]; limit: number; offset: number },
): Promise<{ rows: NamedEntry[]; total: number }> {
  const query = scoped(tx, UsageEntryEntity, scope).query().andWhere({ deviceId: wanted.deviceId });
  if (wanted.keys) query.andWhere({ key: In([...wanted.keys]) });
  const total = await query.getCount();
  query
    .innerJoin(UserAccountEntity, 'person', 'person.id = row.entered_by')
    .addSelect('person.name', 'entered_by_name')
    .orderBy('row.entered_at', 'DESC')
    .addOrderBy('row.at', 'DESC')
    .addOrderBy('row.id')
    .limit(wanted.limit)
    .offset(wanted.offset);
  const { entities, raw } = await query.getRawAndEntities<{ entered_by_name: string }>();
  const rows = entities.map((entry, index) =>
    Object.assign(entry, { enteredByName: raw[index]?.entered_by_name ?? '' }),
  );
  return { rows, total };
}

/** Stores entries and answers the keys of those that are new: a form that is sent twice adds nothing. */
export async function addEntries(
  tx: EntityManager,
  _scope: Scope,
  entries: readonly Omit<UsageEntryEntity, 'enteredAt' | 'outcome' | 'refusal'>[],
): Promise<Set<string>> {
  const added = await tx
    .createQueryBuilder()
    .insert()
    .into(UsageEntryEntity)
    .values([...entries])
    .orIgnore()
    .returning('key')
    .execute();
  return new Set((added.raw as { key: string }[]).map(({ key }) => key));
}

/** How many usages of the given metrics a device's placements have had since an hour, and how many by hand. */
export async function countByHand(
  tx: EntityManager,
  _scope: Scope,
  of: { deviceKey: number; placementKeys: readonly number[]; metrics: readonly number[]; since: Date },
): Promise<{ manual: number; usages: number }> {
  const [row] = await tx.query<{ manual: number; usages: number }[]>(
    /* sql */ `select
      (select count(*)::int from usage u where u.device_key = $1 and u.at >= $4 and (u.flags & 16) <> 0
        and u.value is not null and ${isCounted('u')} and u.placement_key = any($2::int[]) and u.metric = any($3::smallint[])) as manual,
      (select coalesce(sum(h.count), 0)::int from usage_hour h where h.device_key = $1 and h.hour >= $4
        and h.placement_key = any($2::int[]) and h.metric = any($3::smallint[])) as usages`,
    [of.deviceKey, of.placementKeys, of.metrics, of.since],
  );
  return row ?? { manual: 0, usages: 0 };
}
