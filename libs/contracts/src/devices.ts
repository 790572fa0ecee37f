import { ARMS, DEVICE_LIFECYCLES, FAMILY_CODES, PURPOSES } from '#domain';
import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { ById, Id, Instant, name, Page, pageOf, text } from './values.js';

/** Three separate facts about a device, never one lamp. */
export const SignalView = z
  .object({
    connected: z.boolean(),
    reporting: z.enum(['reporting', 'silent', 'never_seen']),
    /** The newest device time of any message. */
    lastSignalAt: Instant.nullable(),
    lastReceivedAt: Instant.nullable(),
    battery: z.number().int().nullable(),
    batteryAt: Instant.nullable(),
    firmware: z.string().nullable(),
    clockSkewMs: z.number().nullable(),
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
    expectedIntervalSeconds: z.number().int(),
    signal: SignalView,
    placement: PlacementView.nullable(),
    createdAt: Instant,
  })
  .meta({ id: 'Device' });
export type DeviceView = z.output<typeof DeviceView>;

/** Given once, in this answer; only the SHA-256 of the secret is stored. */
export const CredentialsView = z
  .object({ username: z.string(), secret: z.string(), usageTopic: z.string() })
  .meta({ id: 'Credentials' });
export type CredentialsView = z.output<typeof CredentialsView>;

const DeviceWithCredentials = z
  .object({ device: DeviceView, credentials: CredentialsView })
  .meta({ id: 'DeviceWithCredentials' });

export const devicesApi = {
  list: endpoint({
    method: 'GET',
    path: '/api/devices',
    access: 'device:read',
    summary: 'Devices owned by or placed in your scope',
    query: Page.extend({ productId: Id.optional(), lifecycle: z.enum(DEVICE_LIFECYCLES).optional() }),
    response: pageOf(DeviceView),
  }),
  get: endpoint({
    method: 'GET',
    path: '/api/devices/:id',
    access: 'device:read',
    summary: 'One device',
    params: ById,
    response: DeviceView,
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
    /** At most the first 2,000 characters; null when no payload is kept (rule K3). */
    payload: z.string().nullable(),
    payloadBytes: z.number().int(),
  })
  .meta({ id: 'Reject' });
export type RejectView = z.output<typeof RejectView>;

export const rejectsApi = {
  list: endpoint({
    method: 'GET',
    path: '/api/rejects',
    access: 'reject:read',
    summary: 'Messages that could not be taken, newest first, with the reason',
    query: Page.extend({ deviceId: Id.optional(), code: text(40).optional() }),
    response: pageOf(RejectView),
  }),
};
