import { AuditEntryEntity } from '#database';
import type { EntityManager } from 'typeorm';

/** What is written to the log. Changes hold what was set, never secrets or personal identity of clients. */
export interface AuditRecord {
  rootId: string | null;
  action: string;
  subjectKind: string;
  subjectId: string | null;
  reason?: string;
  changes?: Record<string, unknown>;
}

/** Adds an entry in the caller's own transaction: no change is kept without its entry, no entry without its change. */
export async function audit(
  tx: EntityManager,
  by: { id: string | null; name: string },
  record: AuditRecord,
): Promise<void> {
  await tx.insert(AuditEntryEntity, {
    rootId: record.rootId,
    actorId: by.id,
    actorName: by.name,
    action: record.action,
    subjectKind: record.subjectKind,
    subjectId: record.subjectId,
    reason: record.reason || null,
    changes: (record.changes ?? {}) as object,
  });
}
