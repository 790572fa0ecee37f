import {
  ARMS,
  BATTERY_LEVELS,
  CONNECTIONS,
  DAY_USES,
  DEVICE_LIFECYCLES,
  FAMILY_CODES,
  POWERS,
  PURPOSES,
  REPORTING_STATES,
} from '#domain';
import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { ById, Id, Instant, LocalDate, name, Page, pageOf, text } from './values.js';

/** Three separate facts about a device, never one lamp. */
export const SignalView = z
  .object({
    connected: z.boolean(),
    /** Connected, or how it went. */
    connection: z.enum(CONNECTIONS),
    reporting: z.enum(REPORTING_STATES),
    /** The newest device time of any message. */
    lastSignalAt: Instant.nullable(),
    lastReceivedAt: Instant.nullable(),
    power: z.enum(POWERS),
    battery: z.number().int().nullable(),
    batteryAt: Instant.nullable(),
    /** By the family's thresholds; null without a reading or without thresholds. */
    batteryLevel: z.enum(BATTERY_LEVELS).nullable(),
    isBatteryOld: z.boolean(),
    firmware: z.string().nullable(),
    /** Time of receipt minus device time: positive = its clock goes behind. */
    clockSkewMs: z.number().nullable(),
    clockSkewAt: Instant.nullable(),
    repeatsNotDetectable: z.boolean(),
    idsRepeat: z.boolean(),
  })
  .meta({ id: 'Signal' });
export type SignalView = z.output<typeof SignalView>;

export const PlacementView = z
  .object({
    id: Id,
    deviceId: Id,
    assetTag: z.string(),
    nodeId: Id,
    nodeName: z.string(),
    trialId: Id.nullable(),
    trialCode: z.string().nullable(),
    purpose: z.enum(PURPOSES),
    arm: z.enum(ARMS).nullable(),
    seriesId: Id,
    startsAt: Instant,
    endsAt: Instant.nullable(),
  })
  .meta({ id: 'Placement' });
export type PlacementView = z.output<typeof PlacementView>;

const deviceShape = {
  ownerNodeId: Id,
  assetTag: name(40),
  serial: name(80).nullable(),
  lifecycle: z.enum(DEVICE_LIFECYCLES),
  expectedIntervalSeconds: z.number().int().min(1).max(2_678_400).nullable(),
};

export const RegisterDevice = z
  .object({
    ...deviceShape,
    productId: Id,
    serial: deviceShape.serial.default(null),
    lifecycle: deviceShape.lifecycle.default('in_stock'),
    expectedIntervalSeconds: deviceShape.expectedIntervalSeconds.default(null),
  })
  .meta({ id: 'RegisterDevice' });
export type RegisterDevice = z.output<typeof RegisterDevice>;

/** Without defaults: what an edit does not mention stays as it is. */
export const EditDevice = z.object(deviceShape).partial().meta({ id: 'EditDevice' });

export const DeviceView = z
  .object({
    id: Id,
    publicId: z.string(),
    productId: Id,
    productName: z.string(),
    family: z.enum(FAMILY_CODES),
    ownerNodeId: Id,
    ownerNodeName: z.string(),
    assetTag: z.string(),
    serial: z.string().nullable(),
    lifecycle: z.enum(DEVICE_LIFECYCLES),
    simulated: z.boolean(),
    /** Kept by the product itself, to see that a usage comes through. */
    isCanary: z.boolean(),
    expectedIntervalSeconds: z.number().int(),
    /** Null: not for your scope, which neither owns it nor has it standing there now (rule U8). */
    signal: SignalView.nullable(),
    placement: PlacementView.nullable(),
    createdAt: Instant,
  })
  .meta({ id: 'Device' });
export type DeviceView = z.output<typeof DeviceView>;

/** One device by itself, with what its reader may do to it. */
export const DeviceDetailView = z
  .object({
    ...DeviceView.shape,
    /** Your permissions on this very device: who has it standing with them may read it, and not change it (rule U8). */
    mayEdit: z.boolean(),
  })
  .meta({ id: 'DeviceDetail' });
export type DeviceDetailView = z.output<typeof DeviceDetailView>;

/** Given once, in this answer; only the SHA-256 of the secret is stored. */
export const CredentialsView = z
  .object({ username: z.string(), secret: z.string(), usageTopic: z.string() })
  .meta({ id: 'Credentials' });
export type CredentialsView = z.output<typeof CredentialsView>;

/** Used days of known days; unknown ones are left out, and told (rule U12). */
export const UtilisationView = z
  .object({
    usedDays: z.number().int(),
    knownDays: z.number().int(),
    unknownDays: z.number().int(),
    /** 0..1; null where no day is known. */
    share: z.number().nullable(),
  })
  .meta({ id: 'Utilisation' });
export type UtilisationView = z.output<typeof UtilisationView>;

/** What is known of a device's last days; a night product's days begin at noon. */
export const DeviceDaysView = z
  .object({
    asOf: Instant,
    days: z.array(
      z.object({
        day: LocalDate,
        use: z.enum(DAY_USES),
        uses: z.number().int(),
        /** The day is not over: unused and unknown hold so far. */
        isOngoing: z.boolean(),
      }),
    ),
    /** Of the days that are over. */
    utilisation: UtilisationView,
  })
  .meta({ id: 'DeviceDays' });
export type DeviceDaysView = z.output<typeof DeviceDaysView>;

const DeviceWithCredentials = z
  .object({ device: DeviceView, credentials: CredentialsView })
  .meta({ id: 'DeviceWithCredentials' });

export const devicesApi = {
  list: endpoint({
    method: 'GET',
    path: '/api/devices',
    access: 'device:read',
    summary: 'Devices owned by or placed in your scope',
    query: Page.extend({
      productId: Id.optional(),
      lifecycle: z.enum(DEVICE_LIFECYCLES).optional(),
      /** Left out unless asked for. */
      canaries: z.enum(['included']).optional(),
    }),
    response: pageOf(DeviceView),
  }),
  get: endpoint({
    method: 'GET',
    path: '/api/devices/:id',
    access: 'device:read',
    summary: 'One device',
    params: ById,
    response: DeviceDetailView,
  }),
  days: endpoint({
    method: 'GET',
    path: '/api/devices/:id/days',
    access: 'device:read',
    summary: 'Its last 14 days, used, unused and unknown apart, as far as it stood in your scope',
    params: ById,
    response: DeviceDaysView,
  }),
  register: endpoint({
    method: 'POST',
    path: '/api/devices',
    access: 'device:edit',
    summary: 'Register a device; answers its MQTT secret once',
    body: RegisterDevice,
    response: DeviceWithCredentials,
  }),
  edit: endpoint({
    method: 'PATCH',
    path: '/api/devices/:id',
    access: 'device:edit',
    summary: 'Change a device or its place in its life',
    params: ById,
    body: EditDevice,
    response: DeviceView,
  }),
  rotateSecret: endpoint({
    method: 'POST',
    path: '/api/devices/:id/secret',
    access: 'device:edit',
    summary: 'A new secret; the old ones stay valid for 24 hours, or end now with revokeOld',
    params: ById,
    body: z.object({ revokeOld: z.boolean().default(false) }).meta({ id: 'RotateSecret' }),
    response: DeviceWithCredentials,
  }),
};

export const PlaceDevice = z
  .object({
    deviceId: Id,
    nodeId: Id,
    trialId: Id.nullable().default(null),
    purpose: z.enum(PURPOSES),
    arm: z.enum(ARMS).nullable().default(null),
    startsAt: Instant.optional(),
    endsAt: Instant.nullable().default(null),
    /** The placement whose series this one continues after a swap (rule U10). */
    replaces: Id.nullable().default(null),
  })
  .meta({ id: 'PlaceDevice' });
export type PlaceDevice = z.output<typeof PlaceDevice>;

export const placementsApi = {
  list: endpoint({
    method: 'GET',
    path: '/api/placements',
    access: 'device:read',
    summary: 'Placements in your scope, newest first',
    query: Page.extend({ deviceId: Id.optional(), trialId: Id.optional(), nodeId: Id.optional() }),
    response: pageOf(PlacementView),
  }),
  place: endpoint({
    method: 'POST',
    path: '/api/placements',
    access: 'device:edit',
    summary: 'Place a device at a unit or place, for a purpose',
    body: PlaceDevice,
    response: PlacementView,
  }),
  end: endpoint({
    method: 'POST',
    path: '/api/placements/:id/end',
    access: 'device:edit',
    summary: 'End a placement',
    params: ById,
    body: z.object({ endsAt: Instant.optional(), reason: text(500).default('') }).meta({ id: 'EndPlacement' }),
    response: PlacementView,
  }),
};
