import type { auditApi, RequestOf, ResponseOf } from '#contracts';
import { AuditEntryEntity, OrgNodeEntity } from '#database';
import { DEFAULT_TIME_ZONE, dayBounds } from '#domain';
import { Injectable } from '@nestjs/common';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import { scoped } from '../scope/scoped.js';
import type { Scope } from '../scope/scope.js';

type Query = RequestOf<typeof auditApi.list>['query'];
type Entries = SelectQueryBuilder<AuditEntryEntity>;

@Injectable()
export class AuditService {
  constructor(private readonly db: DataSource) {}

  /** Entries of the municipalities whose root is in the scope, newest first; `from` and `to` are its dates, both included. */
  async list(scope: Scope<'audit:read'>, query: Query): Promise<ResponseOf<typeof auditApi.list>> {
    const found = scoped(this.db.manager, AuditEntryEntity, scope).query();
    narrow(found, query);
    narrowToDates(found, query, await this.zoneOf(scope));
    const total = await found.getCount();
    const rows = await found.orderBy('row.id', 'DESC').limit(query.limit).offset(query.offset).getMany();
    return { rows: rows.map(entryView), total };
  }

  private async zoneOf(scope: Scope<'audit:read'>): Promise<string> {
    const [root] = await scoped(this.db.manager, OrgNodeEntity, scope).find({ id: scope.person.rootId });
    return root?.timeZone ?? DEFAULT_TIME_ZONE;
  }
}

function narrow(found: Entries, { subjectKind, subjectId, search }: Query): void {
  if (subjectKind) found.andWhere('row.subject_kind = :subjectKind', { subjectKind });
  if (subjectId) found.andWhere('row.subject_id = :subjectId', { subjectId });
  if (search) found.andWhere('strpos(lower(row.actor_name || row.action), lower(:search)) > 0', { search });
}

function narrowToDates(found: Entries, { from, to }: Query, zone: string): void {
  if (from) found.andWhere('row.at >= :fromAt', { fromAt: new Date(dayBounds(from, zone).from) });
  if (to) found.andWhere('row.at < :toAt', { toAt: new Date(dayBounds(to, zone).to) });
}

const entryView = ({ id, at, actorName, action, subjectKind, subjectId, reason, changes }: AuditEntryEntity) => ({
  id,
  at: at.toISOString(),
  actorName,
  action,
  subjectKind,
  subjectId,
  reason,
  changes,
});
