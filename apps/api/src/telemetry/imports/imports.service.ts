import {
  type RequestOf,
  type ResponseOf,
  SHOWN_LINE_FAULTS,
  type UsageImportDetail,
  usageImportsApi,
  type UsageImportView,
} from '#contracts';
import { UsageImportEntity } from '#database';
import { safeCell } from '#telemetry';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { Scope } from '../../scope/scope.js';
import { NotInScope, scoped } from '../../scope/scoped.js';
import { KeptTime } from '../kept-time.js';
import { badLines, countImports, listImports, type NamedImport } from './imports.queries.js';
import { sendNextLines } from './send.js';
import { LINES_AT_ONCE, uploadFile, type Uploading as UploadedFile } from './upload.js';

type Uploading = RequestOf<typeof usageImportsApi.upload>['query'];

@Injectable()
export class ImportsService {
  constructor(
    private readonly db: DataSource,
    private readonly keptTime: KeptTime,
  ) {}

  async list(
    scope: Scope<'device:read'>,
    { limit, offset }: RequestOf<typeof usageImportsApi.list>['query'],
  ): Promise<ResponseOf<typeof usageImportsApi.list>> {
    const rows = await listImports(this.db.manager, scope, (query) => query.limit(limit).offset(offset));
    return { rows: rows.map(importView), total: await countImports(this.db.manager, scope) };
  }

  get(scope: Scope<'usage:enter'>, id: string): Promise<UsageImportDetail> {
    return detail(this.db.manager, scope, id);
  }

  async upload(
    scope: Scope<'usage:enter'>,
    query: Uploading,
    given: Pick<UploadedFile, 'bytes' | 'declaredBytes'>,
  ): Promise<UsageImportDetail> {
    const window = await this.keptTime.windowAt(Date.now());
    const id = await uploadFile(this.db, scope, { ...query, ...given, window });
    return detail(this.db.manager, scope, id);
  }

  async send(scope: Scope<'usage:enter'>, id: string): Promise<UsageImportDetail> {
    while (await this.db.transaction((tx) => sendNextLines(tx, scope, id)));
    return detail(this.db.manager, scope, id);
  }

  /** The bad lines as CSV, by cursor in 500s: never whole in memory. */
  async faults(scope: Scope<'usage:enter'>, id: string): Promise<AsyncGenerator<string>> {
    await scoped(this.db.manager, UsageImportEntity, scope).get(id);
    return faultLines(this.db.manager, scope, id);
  }
}

/** The mark tells spreadsheets that it is UTF-8. */
const FAULTS_HEADER = '\ufeffline;column;code;reason;written\r\n';

async function* faultLines(tx: EntityManager, scope: Scope, importId: string): AsyncGenerator<string> {
  yield FAULTS_HEADER;
  let after = 0;
  for (;;) {
    const lines = await badLines(tx, scope, { importId, after, limit: LINES_AT_ONCE });
    if (lines.length > 0)
      yield (
        lines
          .map(({ line, column, code, reason, written }) =>
            [String(line), safeCell(column ?? ''), code, safeCell(reason), written].join(';'),
          )
          .join('\r\n') + '\r\n'
      );
    if (lines.length < LINES_AT_ONCE) return;
    after = lines.at(-1)?.line ?? after;
  }
}

async function detail(tx: EntityManager, scope: Scope, id: string): Promise<UsageImportDetail> {
  const [found] = await listImports(tx, scope, (query) => query.andWhere({ id }));
  if (!found) throw new NotInScope('usage import');
  const faults = await badLines(tx, scope, { importId: id, after: 0, limit: SHOWN_LINE_FAULTS });
  const shown = faults.map(({ line, column, code, reason }) => ({ line, column, code, reason }));
  return { ...importView(found), faults: shown, sameAs: await sameFile(tx, scope, found) };
}

async function sameFile(
  tx: EntityManager,
  scope: Scope,
  { id, rootId, sha256 }: UsageImportEntity,
): Promise<UsageImportDetail['sameAs']> {
  if (sha256 === null) return null;
  const [same] = await listImports(tx, scope, (query) =>
    query.andWhere({ rootId, sha256, status: 'sent' }).andWhere('row.id <> :id', { id }).limit(1),
  );
  return same?.sentAt ? { id: same.id, fileName: same.fileName, sentAt: same.sentAt.toISOString() } : null;
}

const importView = (row: NamedImport): UsageImportView => ({
  id: row.id,
  nodeId: row.nodeId,
  nodeName: row.nodeName,
  fileName: row.fileName,
  bytes: row.bytes,
  status: row.status,
  lines: row.lines,
  good: row.good,
  bad: row.bad,
  repeated: row.repeated,
  fault: row.fault,
  ignoredColumns: row.ignoredColumns,
  taken: row.taken,
  refused: row.refused,
  reason: row.reason,
  uploadedBy: row.uploadedByName,
  uploadedAt: row.uploadedAt.toISOString(),
  sentBy: row.sentByName,
  sentAt: row.sentAt?.toISOString() ?? null,
});
