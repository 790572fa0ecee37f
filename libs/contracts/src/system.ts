import { FAMILY_CODES } from '#domain';
import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { Id, Instant } from './values.js';

const count = z.number().int();

/** Whether the canary's usage comes through: `late` also after one miss, `silent` after two. */
export const CANARY_STATES = ['ok', 'late', 'silent', 'off'] as const;
export type CanaryState = (typeof CANARY_STATES)[number];

/** Why the canary does not fly. */
export const CANARY_OFF_REASONS = ['no_broker', 'no_login', 'switched_off', 'no_municipality'] as const;
export type CanaryOffReason = (typeof CANARY_OFF_REASONS)[number];

/** The canary of one municipality. */
export const CanaryView = z
  .object({
    state: z.enum(CANARY_STATES),
    /** Set when it is off. */
    reason: z.enum(CANARY_OFF_REASONS).nullable(),
    deviceId: Id.nullable(),
    lastOkAt: Instant.nullable(),
    /** Of the last usage that came through: from publishing to the acknowledgement, and to the row. */
    ackMs: z.number().nullable(),
    rowMs: z.number().nullable(),
    /** Misses in succession. */
    misses: count,
    /** When this was last known; null: never. */
    seenAt: Instant.nullable(),
  })
  .meta({ id: 'Canary' });
export type CanaryView = z.output<typeof CanaryView>;

/** The parts of an installation; ingest may be several workers. */
export const SYSTEM_PARTS = ['database', 'ingest', 'worker', 'jobs', 'canary'] as const;
export type SystemPart = (typeof SYSTEM_PARTS)[number];

export const PART_STATES = ['ok', 'degraded', 'late', 'silent', 'stopped', 'off', 'never_started'] as const;
export type PartState = (typeof PART_STATES)[number];

export const SystemPartView = z
  .object({
    part: z.enum(SYSTEM_PARTS),
    /** Its own name: `ingest-1`. */
    name: z.string(),
    state: z.enum(PART_STATES),
    /** When it last gave a sign of life. */
    seenAt: Instant.nullable(),
  })
  .meta({ id: 'SystemPart' });
export type SystemPartView = z.output<typeof SystemPartView>;

/** A device whose clock goes wrong by more than two minutes, or whose usages were refused for being in the future. */
export const WrongClockView = z
  .object({
    deviceId: Id,
    assetTag: z.string(),
    productName: z.string(),
    family: z.enum(FAMILY_CODES),
    /** Where it stands now. */
    nodeName: z.string().nullable(),
    /** Time of receipt minus device time: positive = its clock goes behind. Null: never measured. */
    clockSkewMs: z.number().nullable(),
    clockSkewAt: Instant.nullable(),
    /** How many of its messages were refused in the last 24 hours since their time lay in the future. */
    refusedAsFuture: count,
  })
  .meta({ id: 'WrongClock' });
export type WrongClockView = z.output<typeof WrongClockView>;

export const SystemView = z
  .object({
    asOf: Instant,
    parts: z.array(SystemPartView),
    canary: CanaryView,
    /** Whole weeks that can be stored from now on; under two is degraded (rule U6). */
    partitionWeeksAhead: z.number().nullable(),
    /** Of the devices in your scope since the start of the hour before this one, the commonest code first. */
    rejects: z.object({ since: Instant, byCode: z.array(z.object({ code: z.string(), count })) }),
    /** Placement-days whose figures wait to be computed again. */
    dirtyDays: count,
    jobs: z.object({ waiting: count, failed: count }),
    /** The worst first, at most 200 of `wrongClocksTotal`. */
    wrongClocks: z.array(WrongClockView),
    wrongClocksTotal: count,
  })
  .meta({ id: 'System' });
export type SystemView = z.output<typeof SystemView>;

export const systemApi = {
  read: endpoint({
    method: 'GET',
    path: '/api/system',
    access: 'system:read',
    summary: 'How each part of the installation is, and which devices’ clocks are wrong',
    response: SystemView,
  }),
};
