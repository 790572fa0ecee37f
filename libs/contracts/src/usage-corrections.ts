import { USAGE_DECISIONS } from '#domain';
import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { MAX_METRIC_NAME } from './telemetry.js';
import { ById, Instant, MessageKey, name } from './values.js';

/** So many usages are set aside or taken back at once: ingest waits meanwhile. A longer period is taken in parts. */
export const MAX_CORRECTED = 2_000;
const MAX_NAMED = 500;

const MetricName = z.string().min(1).max(MAX_METRIC_NAME);

/** What a person has decided of a usage, and why (rule U7). */
export const UsageDecisionView = z
  .object({ decided: z.enum(USAGE_DECISIONS), reason: z.string(), byName: z.string(), at: Instant })
  .meta({ id: 'UsageDecision' });
export type UsageDecisionView = z.output<typeof UsageDecisionView>;

/** One stored usage as it came. */
export const StoredUsageView = z
  .object({
    usageId: MessageKey,
    at: Instant,
    receivedAt: Instant,
    until: Instant.nullable(),
    metric: z.number().int(),
    metricName: z.string().nullable(),
    value: z.number().nullable(),
    attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    isReceivedTime: z.boolean(),
    isOpen: z.boolean(),
    isEstimated: z.boolean(),
    isManual: z.boolean(),
    isSetAside: z.boolean(),
    isUnplaced: z.boolean(),
    decision: UsageDecisionView.nullable(),
  })
  .meta({ id: 'StoredUsage' });
export type StoredUsageView = z.output<typeof StoredUsageView>;

const StoredUsages = z
  .object({
    rows: z.array(StoredUsageView),
    /** There are more than were asked for. */
    hasMore: z.boolean(),
    /** Since when single usages are kept; null = there are none. */
    keptFrom: Instant.nullable(),
  })
  .meta({ id: 'StoredUsages' });

/** A decision with how much it changed: of a device that stands elsewhere, of what it did in the reader’s scope. */
export const UsageCorrectionView = UsageDecisionView.extend({
  id: z.string(),
  usages: z.number().int(),
  from: Instant,
  to: Instant,
}).meta({ id: 'UsageCorrection' });
export type UsageCorrectionView = z.output<typeof UsageCorrectionView>;

const Period = z
  .object({ from: Instant, to: Instant, metric: MetricName.nullable().default(null) })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), {
    path: ['to'],
    message: 'must lie after its beginning',
  });

export const CorrectUsages = z
  .object({
    decided: z.enum(USAGE_DECISIONS),
    reason: name(500),
    /** Either these usages … */
    usages: z
      .array(z.object({ at: Instant, usageId: MessageKey }))
      .max(MAX_NAMED)
      .default([]),
    /** … or all that are stored of [from, to), of one metric or of every one. */
    period: Period.nullable().default(null),
    /** How many a preview found: refused when there are others now. */
    expected: z.number().int().min(0).nullable().default(null),
  })
  .refine(({ usages, period }) => (usages.length === 0) !== (period === null), {
    path: ['usages'],
    message: 'either usages or a period',
  })
  .meta({ id: 'CorrectUsages' });
export type CorrectUsages = z.output<typeof CorrectUsages>;

/** What lies in a period, before anything is decided of it. */
export const PeriodPreview = z
  .object({ usages: z.number().int(), setAside: z.number().int() })
  .meta({ id: 'UsagePeriodPreview' });
export type PeriodPreview = z.output<typeof PeriodPreview>;

/** How many usages were meant, and how many of them the decision changed: one that is repeated changes none. */
export const CorrectedView = z
  .object({ usages: z.number().int(), changed: z.number().int() })
  .meta({ id: 'CorrectedUsages' });
export type CorrectedView = z.output<typeof CorrectedView>;

export const usageCorrectionsApi = {
  usages: endpoint({
    method: 'GET',
    path: '/api/devices/:id/usages',
    access: 'device:edit',
    summary: 'Single usages of a device as they are stored, newest first, with what was decided of them',
    params: ById,
    query: z.object({
      from: Instant.optional(),
      to: Instant.optional(),
      metric: MetricName.optional(),
      only: z.literal('set_aside').optional(),
      limit: z.coerce.number().int().min(1).max(MAX_NAMED).default(50),
    }),
    response: StoredUsages,
  }),
  list: endpoint({
    method: 'GET',
    path: '/api/devices/:id/usage-corrections',
    access: 'device:read',
    summary: 'What was decided of a device’s usages that are still kept, newest first',
    params: ById,
    response: z.array(UsageCorrectionView),
  }),
  preview: endpoint({
    method: 'GET',
    path: '/api/devices/:id/usage-corrections/preview',
    access: 'device:edit',
    summary: 'How many usages lie in a period, and how many of them are set aside already',
    params: ById,
    query: z.object({ from: Instant, to: Instant, metric: MetricName.optional() }),
    response: PeriodPreview,
  }),
  correct: endpoint({
    method: 'POST',
    path: '/api/devices/:id/usage-corrections',
    access: 'device:edit',
    summary: 'Set usages aside, so that no figure counts them, or take them back; the usages themselves stay',
    params: ById,
    body: CorrectUsages,
    response: CorrectedView,
  }),
};
