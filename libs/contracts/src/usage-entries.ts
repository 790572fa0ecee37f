import { INBOX_OUTCOMES } from '#domain';
import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { MAX_METRIC_NAME } from './telemetry.js';
import { ById, Id, Instant, name, Page, pageOf, text } from './values.js';

export const MAX_ENTRIES = 50;

const Attributes = z.record(z.string().max(40), z.union([text(120), z.number(), z.boolean()]));

const entryShape = {
  metric: z.string().min(1).max(MAX_METRIC_NAME),
  at: Instant,
  until: Instant.nullable().default(null),
  value: z.number().nullable().default(null),
  attributes: Attributes.default({}),
};

/** Usages of one device as a person saw them, and why they are entered by hand. */
export const EnterUsage = z
  .object({
    reason: name(500),
    entries: z
      .array(
        z.object({
          /** Made by the form: a form that is sent twice enters each usage once. */
          key: z
            .string()
            .regex(/^[a-z0-9-]+$/)
            .min(8)
            .max(40),
          ...entryShape,
        }),
      )
      .min(1)
      .max(MAX_ENTRIES),
  })
  .meta({ id: 'EnterUsage' });
export type EnterUsage = z.output<typeof EnterUsage>;

export const UsageEntryView = z
  .object({
    id: Id,
    metric: z.string(),
    at: Instant,
    until: Instant.nullable(),
    value: z.number().nullable(),
    attributes: Attributes,
    reason: z.string(),
    enteredBy: z.string(),
    enteredAt: Instant,
    /** `waiting` for ingest, `taken` and counted, or `refused` with the reason in `refusal`. */
    outcome: z.enum(INBOX_OUTCOMES),
    refusal: z.string().nullable(),
  })
  .meta({ id: 'UsageEntry' });
export type UsageEntryView = z.output<typeof UsageEntryView>;

/** How much of a device's usage in the last 30 days was entered by hand. */
export const ManualShareView = z
  .object({ manual: z.number().int(), usages: z.number().int(), since: Instant })
  .meta({ id: 'ManualShare' });

export const usageEntriesApi = {
  list: endpoint({
    method: 'GET',
    path: '/api/devices/:id/usage-entries',
    access: 'device:read',
    summary: 'What has been entered by hand for a device, newest first, and its share of the last 30 days',
    params: ById,
    query: Page.omit({ search: true }),
    response: pageOf(UsageEntryView).extend({ share: ManualShareView }),
  }),
  enter: endpoint({
    method: 'POST',
    path: '/api/devices/:id/usage-entries',
    access: 'usage:enter',
    summary: 'Enter usages by hand, with the reason; every figure says how many of its uses were',
    params: ById,
    body: EnterUsage,
    response: z.array(UsageEntryView),
  }),
};
