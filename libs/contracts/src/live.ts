import { CATEGORIES, FAMILY_CODES, NODE_KINDS, PURPOSES, TRIAL_STAGES } from '#domain';
import { z } from 'zod';
import { TrialBenefitView } from './benefits.js';
import { SignalView, UtilisationView } from './devices.js';
import { endpoint } from './endpoint.js';
import { ById, CoverageView, Id, Instant, LocalDate, Ore, PositiveOre } from './values.js';

export const MetricCountView = z
  .object({
    family: z.enum(FAMILY_CODES),
    metric: z.string(),
    count: z.number().int(),
    sum: z.number(),
    /** Of the count, what was entered by hand. */
    manual: z.number().int(),
  })
  .meta({ id: 'MetricCount' });
export type MetricCountView = z.output<typeof MetricCountView>;

export const LiveDeviceView = z
  .object({
    placementId: Id,
    deviceId: Id,
    assetTag: z.string(),
    productName: z.string(),
    family: z.enum(FAMILY_CODES),
    nodeName: z.string(),
    purpose: z.enum(PURPOSES),
    signal: SignalView,
    today: z.array(MetricCountView),
  })
  .meta({ id: 'LiveDevice' });
export type LiveDeviceView = z.output<typeof LiveDeviceView>;

/** Usage of one UTC hour of today. */
export const HourCountView = z
  .object({ hour: Instant, family: z.enum(FAMILY_CODES), metric: z.string(), count: z.number().int() })
  .meta({ id: 'HourCount' });
export type HourCountView = z.output<typeof HourCountView>;

const liveShape = {
  /** Raised at every change of this page; a gap in it means: fetch the snapshot again. */
  revision: z.number().int(),
  asOf: Instant,
  /** Today in the municipality's zone. */
  day: LocalDate,
  timeZone: z.string(),
  totals: z.array(MetricCountView),
  hours: z.array(HourCountView),
  devices: z.array(LiveDeviceView),
  /** Today so far. */
  coverage: CoverageView,
};

/** Benefit so far against plan, per category (never merged, rule B1). */
export const LiveBenefitView = z
  .object({
    trialId: Id,
    code: z.string(),
    title: z.string(),
    stage: z.enum(TRIAL_STAGES),
    category: z.enum(CATEGORIES),
    plannedOre: PositiveOre,
    potentialOre: Ore,
    realisedOre: PositiveOre,
    computedAt: Instant.nullable(),
  })
  .meta({ id: 'LiveBenefit' });
export type LiveBenefitView = z.output<typeof LiveBenefitView>;

export const LiveUnitView = z
  .object({
    ...liveShape,
    unit: z.object({ id: Id, name: z.string(), kind: z.enum(NODE_KINDS), demo: z.boolean() }),
    benefits: z.array(LiveBenefitView),
  })
  .meta({ id: 'LiveUnit' });
export type LiveUnitView = z.output<typeof LiveUnitView>;

export const LiveTrialView = z
  .object({
    ...liveShape,
    trial: z.object({ id: Id, code: z.string(), title: z.string(), stage: z.enum(TRIAL_STAGES), demo: z.boolean() }),
    benefit: TrialBenefitView,
  })
  .meta({ id: 'LiveTrial' });
export type LiveTrialView = z.output<typeof LiveTrialView>;

export const UnitCardView = z
  .object({
    id: Id,
    name: z.string(),
    kind: z.enum(NODE_KINDS),
    parentName: z.string().nullable(),
    devices: z.number().int(),
    connected: z.number().int(),
    reporting: z.number().int(),
    usageToday: z.number().int(),
    lastSignalAt: Instant.nullable(),
    trials: z.number().int(),
  })
  .meta({ id: 'UnitCard' });
export type UnitCardView = z.output<typeof UnitCardView>;

/** Days of a unit's series, used, unused and unknown apart (rule U12). */
export const UnitDaysView = z
  .object({
    asOf: Instant,
    /** Oldest first; of each day, how many series were used, unused or unknown. */
    days: z.array(
      z.object({
        day: LocalDate,
        used: z.number().int(),
        unused: z.number().int(),
        unknown: z.number().int(),
        isOngoing: z.boolean(),
      }),
    ),
    /** Of the days that are over. */
    utilisation: UtilisationView,
  })
  .meta({ id: 'UnitDays' });
export type UnitDaysView = z.output<typeof UnitDaysView>;

export const liveApi = {
  units: endpoint({
    method: 'GET',
    path: '/api/live/units',
    access: 'live:read',
    summary: 'The units in your scope that have devices, with today’s state',
    response: z.object({ asOf: Instant, units: z.array(UnitCardView) }),
  }),
  unit: endpoint({
    method: 'GET',
    path: '/api/live/units/:id',
    access: 'live:read',
    summary: 'Snapshot of a unit’s live page',
    params: ById,
    response: LiveUnitView,
  }),
  unitDays: endpoint({
    method: 'GET',
    path: '/api/live/units/:id/days',
    access: 'live:read',
    summary: 'The last 14 days of a unit’s devices',
    params: ById,
    response: UnitDaysView,
  }),
  trial: endpoint({
    method: 'GET',
    path: '/api/live/trials/:id',
    access: 'live:read',
    summary: 'Snapshot of a trial’s live page',
    params: ById,
    response: LiveTrialView,
  }),
};

/** What changed of a device that the page shows already: its use as a whole, of its signal the fields that are named. */
export interface LiveDeviceChange {
  placementId: string;
  today?: MetricCountView[];
  signal?: Partial<SignalView>;
}

/**
 * What changed on a page since the revision before: whole parts replace the old ones, devices replace by placementId, and
 * changes are of devices shown before.
 */
export interface LiveDelta {
  page: LivePage;
  revision: number;
  asOf: string;
  day: string;
  totals?: MetricCountView[];
  hours?: HourCountView[];
  coverage?: CoverageView;
  devices?: LiveDeviceView[];
  changes?: LiveDeviceChange[];
  removedPlacementIds?: string[];
  benefits?: LiveBenefitView[];
  benefit?: TrialBenefitView;
}

export const LivePage = z.object({ kind: z.enum(['unit', 'trial']), id: Id });
export type LivePage = z.output<typeof LivePage>;

/** Answer to `watch`: watching from this revision on, or why not (a page outside your scope is `not_found`). */
export type WatchAnswer = { ok: true; revision: number } | { ok: false; code: 'not_found' | 'invalid' | 'too_many' };

/** socket.io events, client → server. The socket logs in by the session cookie. */
export interface ClientEvents {
  watch: (page: LivePage, answer: (answer: WatchAnswer) => void) => void;
  unwatch: (page: LivePage) => void;
}
/** socket.io events, server → client. */
export interface ServerEvents {
  delta: (delta: LiveDelta) => void;
  /** The session has ended or a grant was withdrawn: log in again. */
  ended: () => void;
}
/** The socket's path on the web server; WebSocket transport only. */
export const SOCKET_PATH = '/api/socket';
