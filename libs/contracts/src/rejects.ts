import { INBOX_OUTCOMES } from '#domain';
import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { Id, Instant, name, Page, pageOf, text } from './values.js';

/** Most rejects that one call replays; call again for the rest. */
export const MAX_REPLAYS = 1_000;

/** Why a reject cannot be replayed. */
export const REPLAY_FAULTS = ['no_payload', 'payload_cut', 'taken_already', 'waiting', 'not_yours'] as const;
/** What a list of rejects may be narrowed to: `open` ones have never been replayed. */
export const REPLAY_STATES = ['open', ...INBOX_OUTCOMES] as const;
export const COUNT_STEPS = ['hour', 'day'] as const;
export type ReplayFault = (typeof REPLAY_FAULTS)[number];

export const RejectView = z
  .object({
    id: z.number().int(),
    receivedAt: Instant,
    deviceId: Id.nullable(),
    assetTag: z.string().nullable(),
    clientName: z.string(),
    topic: z.string(),
    code: z.string(),
    reason: z.string(),
    element: z.number().int().nullable(),
    /** At most the first 2,000 characters; null when no payload is kept or the reader may not see it (rule K3). */
    payload: z.string().nullable(),
    /** The payload is binary: its bytes are given in hexadecimal. */
    isPayloadHexadecimal: z.boolean(),
    payloadBytes: z.number().int(),
    /** The newest replay: still refused with a code and reason of its own, or taken. Null = never replayed. */
    replay: z
      .object({
        at: Instant,
        by: z.string().nullable(),
        offsetMinutes: z.number(),
        outcome: z.enum(INBOX_OUTCOMES),
        code: z.string().nullable(),
        reason: z.string().nullable(),
      })
      .nullable(),
    /** Null = it can be replayed. */
    replayFault: z.enum(REPLAY_FAULTS).nullable(),
  })
  .meta({ id: 'Reject' });
export type RejectView = z.output<typeof RejectView>;

/** Which rejects are meant; each part narrows. `from` and `to` are times of receipt, [from, to). */
export const RejectFilter = z
  .object({
    search: text(100).optional(),
    deviceId: Id.optional(),
    productId: Id.optional(),
    /** A unit (or any node): of the devices that it owns or that stand there now, its subtree included. */
    nodeId: Id.optional(),
    code: text(40).optional(),
    from: Instant.optional(),
    to: Instant.optional(),
    outcome: z.enum(REPLAY_STATES).optional(),
  })
  .meta({ id: 'RejectFilter' });
export type RejectFilter = z.output<typeof RejectFilter>;

/** The part of a filter that counts can be narrowed by: what is beyond the number stored has no text. */
const CountFilter = RejectFilter.omit({ search: true, outcome: true });

export const RejectCounts = z
  .object({
    step: z.enum(COUNT_STEPS),
    rows: z.array(z.object({ at: Instant, count: z.number().int() })),
    total: z.number().int(),
  })
  .meta({ id: 'RejectCounts' });
export type RejectCounts = z.output<typeof RejectCounts>;

export const RejectGroupView = z
  .object({
    code: z.string(),
    /** All of them, also those beyond the number stored per device and hour (rule K3). */
    count: z.number().int(),
    devices: z.number().int(),
    /** The hours in which the first and the last of them came. */
    since: Instant,
    until: Instant,
  })
  .meta({ id: 'RejectGroup' });
export type RejectGroupView = z.output<typeof RejectGroupView>;

/** Either rejects by their ids, or all that a filter means (the oldest first, {@link MAX_REPLAYS} a call). */
export const ReplayRejects = z
  .object({
    ids: z.array(z.number().int().min(1)).max(MAX_REPLAYS).optional(),
    filter: RejectFilter.optional(),
    /** Added to the device's own times (rule U5), in minutes; at most 31 days either way. */
    offsetMinutes: z.number().min(-44_640).max(44_640).default(0),
    /** What has been mended. */
    reason: name(500),
  })
  .refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), 'either ids or filter')
  .meta({ id: 'ReplayRejects' });
export type ReplayRejects = z.output<typeof ReplayRejects>;

export const ReplayAnswer = z
  .object({
    queued: z.number().int(),
    skipped: z.array(z.object({ fault: z.enum(REPLAY_FAULTS), count: z.number().int() })),
    /** How many of the filter are left for the next call. */
    left: z.number().int(),
  })
  .meta({ id: 'ReplayAnswer' });
export type ReplayAnswer = z.output<typeof ReplayAnswer>;

export const rejectsApi = {
  list: endpoint({
    method: 'GET',
    path: '/api/rejects',
    access: 'reject:read',
    summary: 'Messages that could not be taken, newest first, with the reason',
    query: Page.extend(RejectFilter.shape),
    response: pageOf(RejectView),
  }),
  get: endpoint({
    method: 'GET',
    path: '/api/rejects/:id',
    access: 'reject:read',
    summary: 'One of them, with as much of the payload as is kept',
    params: z.object({ id: z.coerce.number().int().min(1) }),
    response: RejectView,
  }),
  counts: endpoint({
    method: 'GET',
    path: '/api/rejects/counts',
    access: 'reject:read',
    summary: 'How many there were over time, also of those not stored; days are the municipality’s',
    query: CountFilter.extend({ step: z.enum(COUNT_STEPS).default('hour') }),
    response: RejectCounts,
  }),
  groups: endpoint({
    method: 'GET',
    path: '/api/rejects/groups',
    access: 'reject:read',
    summary: 'What is wrong at large: how many of each code, from how many devices, since when',
    query: CountFilter,
    response: z.array(RejectGroupView),
  }),
  replay: endpoint({
    method: 'POST',
    path: '/api/rejects/replay',
    access: 'reject:replay',
    summary: 'Send stored messages again after the cause is mended; each is taken at most once',
    body: ReplayRejects,
    response: ReplayAnswer,
  }),
};
