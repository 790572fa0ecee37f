import { IMPORT_STATUSES } from '#domain';
import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { ById, Id, Instant, name, Page, pageOf } from './values.js';

/** Largest file that is taken. */
export const MAX_IMPORT_BYTES = 10 * 1024 * 1024;
/** Most lines of a file, and most of them that may be bad: beyond it the file is not what it should be. */
export const MAX_IMPORT_LINES = 100_000;
export const MAX_BAD_LINES = 5_000;
/** So many of the first faults are told at once; the rest is in the file of faults. */
export const SHOWN_LINE_FAULTS = 50;

export const UsageImportView = z
  .object({
    id: Id,
    nodeId: Id,
    nodeName: z.string(),
    fileName: z.string(),
    bytes: z.number().int(),
    status: z.enum(IMPORT_STATUSES),
    /** Lines below the header that are not empty: good ones and bad ones. */
    lines: z.number().int(),
    good: z.number().int(),
    bad: z.number().int(),
    /** Good lines that repeat one before them in the file: counted once. */
    repeated: z.number().int(),
    /** Why the file could not be read to its end; null = it was. Such a file cannot be imported. */
    fault: z.string().nullable(),
    /** Columns that nothing is read from. */
    ignoredColumns: z.array(z.string()),
    /** Of the lines imported: what ingest has stored (or had stored before), and what it refused (see the rejects). */
    taken: z.number().int(),
    refused: z.number().int(),
    reason: z.string(),
    uploadedBy: z.string(),
    uploadedAt: Instant,
    sentBy: z.string().nullable(),
    sentAt: Instant.nullable(),
  })
  .meta({ id: 'UsageImport' });
export type UsageImportView = z.output<typeof UsageImportView>;

export const LineFaultView = z
  .object({ line: z.number().int(), column: z.string().nullable(), code: z.string(), reason: z.string() })
  .meta({ id: 'LineFault' });
export type LineFaultView = z.output<typeof LineFaultView>;

export const UsageImportDetail = UsageImportView.extend({
  faults: z.array(LineFaultView),
  /** The same file, imported before: importing it again changes nothing but what was refused then. */
  sameAs: z.object({ id: Id, fileName: z.string(), sentAt: Instant }).nullable(),
}).meta({ id: 'UsageImportDetail' });
export type UsageImportDetail = z.output<typeof UsageImportDetail>;

export const usageImportsApi = {
  list: endpoint({
    method: 'GET',
    path: '/api/usage-imports',
    access: 'device:read',
    summary: 'Imported files of usages, newest first',
    query: Page.omit({ search: true }),
    response: pageOf(UsageImportView),
  }),
  get: endpoint({
    method: 'GET',
    path: '/api/usage-imports/:id',
    access: 'usage:enter',
    summary: 'One file, with the first faults by line and column',
    params: ById,
    response: UsageImportDetail,
  }),
  upload: endpoint({
    method: 'POST',
    path: '/api/usage-imports',
    access: 'usage:enter',
    summary: 'Check a CSV file of usages line by line; nothing is counted yet',
    takes: 'text/csv',
    query: z.object({ nodeId: Id, fileName: name(200), reason: name(500) }),
    body: z.custom<string | Blob>().meta({ description: 'CSV, at most 10 MiB' }),
    response: UsageImportDetail,
  }),
  send: endpoint({
    method: 'POST',
    path: '/api/usage-imports/:id/send',
    access: 'usage:enter',
    summary: 'Import the good lines of a checked file; again, it goes on where it was interrupted',
    params: ById,
    response: UsageImportDetail,
  }),
  faults: endpoint({
    method: 'GET',
    path: '/api/usage-imports/:id/faults',
    access: 'usage:enter',
    summary: 'Every bad line with its fault, as CSV',
    params: ById,
    gives: 'text/csv',
    response: z.string(),
  }),
};
