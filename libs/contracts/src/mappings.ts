import { ECOSYSTEMS, MAPPING_RULES_MAX } from '#domain';
import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { MAX_ATTRIBUTE_NAME, MAX_ATTRIBUTE_TEXT, MAX_METRIC_NAME, MAX_PAYLOAD_BYTES, PLAIN_TEXT } from './telemetry.js';
import { ById, Id, Instant } from './values.js';

/** Another system whose messages are understood. */
export const EcosystemName = z.enum(ECOSYSTEMS).meta({ id: 'Ecosystem' });

const FieldName = z.string().min(1).max(120).regex(PLAIN_TEXT);
const MappedScalar = z.union([z.string().max(MAX_ATTRIBUTE_TEXT).regex(PLAIN_TEXT), z.number(), z.boolean()]);

export const MappingConditionMessage = z
  .union([
    z.strictObject({ equals: MappedScalar }),
    z.strictObject({ in: z.array(MappedScalar).min(1).max(50) }),
    z.strictObject({ above: z.number() }),
    z.strictObject({ changesTo: MappedScalar }),
  ])
  .meta({ id: 'MappingCondition' });

/** One rule of a mapping; what it means is the domain's `MappingRule`. */
export const MappingRuleMessage = z
  .object({
    field: FieldName,
    when: MappingConditionMessage.nullable().default(null),
    metric: z.string().min(1).max(MAX_METRIC_NAME),
    value: z
      .union([
        z.literal('none'),
        z.literal('field'),
        z.literal('times'),
        z.strictObject({ scale: z.number(), offset: z.number() }),
      ])
      .default('none'),
    attributes: z
      .record(
        z.string().min(1).max(MAX_ATTRIBUTE_NAME),
        z.union([
          MappedScalar,
          z.strictObject({ field: FieldName, map: z.record(z.string().max(MAX_ATTRIBUTE_TEXT), MappedScalar) }),
        ]),
      )
      .default({}),
    session: z
      .strictObject({ startWhen: MappingConditionMessage, endWhen: MappingConditionMessage })
      .nullable()
      .default(null),
  })
  .meta({ id: 'MappingRule' });
export type MappingRuleMessage = z.output<typeof MappingRuleMessage>;

/** No rules: the product's devices are no longer understood in that ecosystem. */
export const EditMapping = z
  .object({
    rules: z.array(MappingRuleMessage).max(MAPPING_RULES_MAX),
    /** The version that was edited, 0 for none: two who edit at once do not undo each other. */
    basedOn: z.number().int().min(0),
  })
  .meta({ id: 'EditMapping' });

export const MappingView = z
  .object({
    ecosystem: EcosystemName,
    version: z.number().int(),
    rules: z.array(MappingRuleMessage),
    changedByName: z.string().nullable(),
    changedAt: Instant,
  })
  .meta({ id: 'Mapping' });
export type MappingView = z.output<typeof MappingView>;

export const SampleMessage = z
  .object({ topic: z.string().min(1).max(500), payload: z.string().max(MAX_PAYLOAD_BYTES) })
  .meta({ id: 'SampleMessage' });

export const PreviewMapping = z
  .object({
    rules: EditMapping.shape.rules,
    /** Messages pasted by hand, in the order in which they would come. */
    samples: z.array(SampleMessage).max(10).default([]),
  })
  .meta({ id: 'PreviewMapping' });

/** One message and what the rules would make of it, by the very functions that take it in. */
export const PreviewedMessage = z
  .object({
    isSample: z.boolean(),
    receivedAt: Instant,
    topic: z.string(),
    /** As another system names it; null = the client itself. */
    devices: z.array(
      z.object({
        name: z.string().nullable(),
        readings: z.array(z.object({ field: z.string(), value: MappedScalar, at: Instant.nullable() })),
        battery: z.number().nullable(),
        signal: z.number().nullable(),
        state: z.string().nullable(),
      }),
    ),
    usages: z.array(
      z.object({
        device: z.string().nullable(),
        metric: z.string(),
        at: Instant,
        /** The source gave no time: the time of receipt. */
        isReceivedTime: z.boolean(),
        until: Instant.nullable(),
        value: z.number().nullable(),
        attributes: z.record(z.string(), MappedScalar),
      }),
    ),
    rejections: z.array(z.object({ device: z.string().nullable(), code: z.string(), reason: z.string() })),
  })
  .meta({ id: 'PreviewedMessage' });
export type PreviewedMessage = z.output<typeof PreviewedMessage>;

const OfProduct = z.object({ id: Id, ecosystem: EcosystemName });

export const mappingsApi = {
  list: endpoint({
    method: 'GET',
    path: '/api/products/:id/mappings',
    access: 'product:read',
    summary: 'How a product’s devices are understood in other systems’ words, every version, newest first',
    params: ById,
    response: z.array(MappingView),
  }),
  edit: endpoint({
    method: 'PUT',
    path: '/api/products/:id/mappings/:ecosystem',
    access: 'product:edit',
    summary: 'A new version of a product’s mapping',
    params: OfProduct,
    body: EditMapping,
    response: MappingView,
  }),
  preview: endpoint({
    method: 'POST',
    path: '/api/products/:id/mappings/:ecosystem/preview',
    access: 'product:edit',
    summary: 'What rules would make of pasted samples and of the last messages that could not be taken',
    params: OfProduct,
    body: PreviewMapping,
    response: z.array(PreviewedMessage),
  }),
};
