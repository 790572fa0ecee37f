import { HOLDING_RULES, RETENTION_KINDS } from '#domain';
import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { Id, Instant } from './values.js';

const bytes = z.number().int().min(0);
/** As the database last estimated it; null = never yet. */
const estimatedRows = z.number().int().min(0).nullable();

/** A week of raw usage [from, to). */
export const PartitionView = z
  .object({
    name: z.string(),
    from: Instant,
    to: Instant,
    rows: estimatedRows,
    heapBytes: bytes,
    indexBytes: bytes,
    /** Null without rows. */
    bytesPerRow: z.number().nullable(),
    /** Closed: its times are refused, and the next night drops it. */
    isClosed: z.boolean(),
  })
  .meta({ id: 'Partition' });
export type PartitionView = z.output<typeof PartitionView>;

export const StoredTableView = z
  .object({ name: z.string(), rows: estimatedRows, heapBytes: bytes, indexBytes: bytes })
  .meta({ id: 'StoredTable' });

/** Raw usage of a trial that is kept longer than other raw (rule K1). */
export const HeldTrialView = z
  .object({
    trialId: Id,
    code: z.string(),
    title: z.string(),
    rule: z.enum(HOLDING_RULES),
    /** 0 while all of its raw is younger than 90 days. */
    rows: z.number().int(),
    from: Instant.nullable(),
    to: Instant.nullable(),
  })
  .meta({ id: 'HeldTrial' });
export type HeldTrialView = z.output<typeof HeldTrialView>;

export const RetentionRunView = z
  .object({
    id: z.string(),
    at: Instant,
    kind: z.enum(RETENTION_KINDS),
    dryRun: z.boolean(),
    subject: z.string(),
    rule: z.string(),
    rows: z.number().int(),
    heldRows: z.number().int(),
    ledgerRows: z.number().int(),
    /** The trials of one's own scope among those that it held rows for. */
    heldTrials: z.array(z.string()),
  })
  .meta({ id: 'RetentionRun' });
export type RetentionRunView = z.output<typeof RetentionRunView>;

export const StorageView = z
  .object({
    asOf: Instant,
    /** Raw usage is kept from here on; null when there is none. */
    keptFrom: Instant.nullable(),
    rawDays: z.number().int(),
    hourMonths: z.number().int(),
    /** Whole weeks from now on that have partitions (rule U6). */
    weeksAhead: z.number().int(),
    partitions: z.array(PartitionView),
    tables: z.array(StoredTableView),
    held: z.array(HeldTrialView),
    runs: z.array(RetentionRunView),
  })
  .meta({ id: 'Storage' });
export type StorageView = z.output<typeof StorageView>;

export const storageApi = {
  read: endpoint({
    method: 'GET',
    path: '/api/storage',
    access: 'audit:read',
    summary: 'What is stored, for how long, and what was removed when its time was over',
    response: StorageView,
  }),
};
