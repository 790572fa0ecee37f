import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { EcosystemName } from './mappings.js';
import { ById, Id, Instant, name, Page, pageOf } from './values.js';

/** What a gateway's topics begin with: no wildcards, not the product's own topics, not the broker's `$`. */
export const TopicPrefix = z
  .string()
  .max(80)
  .regex(/^(?!wt(\/|$))(?![$/])[^+#\p{Cc}]*[^+#/\p{Cc}]$/u);

const gatewayShape = {
  ownerNodeId: Id,
  name: name(120),
  /** Null: the ecosystem's usual one. */
  topicPrefix: TopicPrefix.nullable(),
};

export const RegisterGateway = z
  .object({
    ...gatewayShape,
    topicPrefix: gatewayShape.topicPrefix.default(null),
    ecosystem: EcosystemName,
  })
  .meta({ id: 'RegisterGateway' });
export type RegisterGateway = z.output<typeof RegisterGateway>;

/** Without defaults: what an edit does not mention stays as it is. */
export const EditGateway = z.object(gatewayShape).partial().meta({ id: 'EditGateway' });

export const GatewayView = z
  .object({
    id: Id,
    publicId: z.string(),
    ownerNodeId: Id,
    ownerNodeName: z.string(),
    name: z.string(),
    ecosystem: EcosystemName,
    topicPrefix: z.string(),
    /** The MQTT topic filters within which it may publish. */
    topics: z.array(z.string()),
    connected: z.boolean(),
    connectionChangedAt: Instant.nullable(),
    lastReceivedAt: Instant.nullable(),
    children: z.number().int(),
    /** Names heard in the last 14 days that no device is granted under. */
    heard: z.number().int(),
    endedAt: Instant.nullable(),
    createdAt: Instant,
  })
  .meta({ id: 'Gateway' });
export type GatewayView = z.output<typeof GatewayView>;

/** A device that the gateway speaks for; one outside the reader's scope is named by the other system's name alone. */
export const GatewayChildView = z
  .object({
    id: Id,
    externalName: z.string(),
    deviceId: Id.nullable(),
    assetTag: z.string().nullable(),
    productId: Id.nullable(),
    productName: z.string().nullable(),
    /** Without a mapping of its product nothing is made of its messages but state and health. */
    isMapped: z.boolean(),
    lastReceivedAt: Instant.nullable(),
    startsAt: Instant,
  })
  .meta({ id: 'GatewayChild' });
export type GatewayChildView = z.output<typeof GatewayChildView>;

export const HeardNameView = z
  .object({
    externalName: z.string(),
    firstAt: Instant,
    lastAt: Instant,
    messages: z.number().int(),
  })
  .meta({ id: 'HeardName' });
export type HeardNameView = z.output<typeof HeardNameView>;

/** A sender behind the gateway that numbers its messages: a Sparkplug edge node. */
export const GatewaySenderView = z
  .object({
    name: z.string(),
    /** When it last began anew, by its own clock; null = never heard. */
    bornAt: Instant.nullable(),
    /** Devices it has spoken for since then. */
    devices: z.number().int(),
    /** How often its own count has shown that messages were lost on the way here. */
    gaps: z.number().int(),
    lastGapAt: Instant.nullable(),
    /** In English, as the reasons of rejects are. */
    lastGap: z.string().nullable(),
  })
  .meta({ id: 'GatewaySender' });
export type GatewaySenderView = z.output<typeof GatewaySenderView>;

export const GatewayPageView = z
  .object({
    gateway: GatewayView,
    children: z.array(GatewayChildView),
    heard: z.array(HeardNameView),
    senders: z.array(GatewaySenderView),
  })
  .meta({ id: 'GatewayPage' });
export type GatewayPageView = z.output<typeof GatewayPageView>;

/** Given once, in this answer; only the SHA-256 of the secret is stored. */
const GatewayWithCredentials = z
  .object({
    gateway: GatewayView,
    credentials: z.object({ username: z.string(), secret: z.string() }).meta({ id: 'GatewayCredentials' }),
  })
  .meta({ id: 'GatewayWithCredentials' });

export const AddGatewayChild = z.object({ externalName: name(120), deviceId: Id }).meta({ id: 'AddGatewayChild' });

export const gatewaysApi = {
  list: endpoint({
    method: 'GET',
    path: '/api/gateways',
    access: 'device:read',
    summary: 'Gateways owned by your scope',
    query: Page,
    response: pageOf(GatewayView),
  }),
  get: endpoint({
    method: 'GET',
    path: '/api/gateways/:id',
    access: 'device:read',
    summary: 'A gateway, the devices it may speak for, and the names it was heard with',
    params: ById,
    response: GatewayPageView,
  }),
  register: endpoint({
    method: 'POST',
    path: '/api/gateways',
    access: 'device:edit',
    summary: 'Register a gateway; answers its MQTT secret once',
    body: RegisterGateway,
    response: GatewayWithCredentials,
  }),
  edit: endpoint({
    method: 'PATCH',
    path: '/api/gateways/:id',
    access: 'device:edit',
    summary: 'Change a gateway’s name, owner or topic prefix',
    params: ById,
    body: EditGateway,
    response: GatewayView,
  }),
  rotateSecret: endpoint({
    method: 'POST',
    path: '/api/gateways/:id/secret',
    access: 'device:edit',
    summary: 'A new secret; the old ones stay valid for 24 hours, or end now with revokeOld',
    params: ById,
    body: z.object({ revokeOld: z.boolean().default(false) }).meta({ id: 'RotateGatewaySecret' }),
    response: GatewayWithCredentials,
  }),
  close: endpoint({
    method: 'POST',
    path: '/api/gateways/:id/close',
    access: 'device:edit',
    summary: 'End a gateway: its secrets and its devices end now',
    params: ById,
    response: GatewayView,
  }),
  addChild: endpoint({
    method: 'POST',
    path: '/api/gateways/:id/children',
    access: 'device:edit',
    summary: 'Let a gateway speak for a device, by the name that the other system has for it',
    params: ById,
    body: AddGatewayChild,
    response: GatewayChildView,
  }),
  removeChild: endpoint({
    method: 'DELETE',
    path: '/api/gateways/:id/children/:childId',
    access: 'device:edit',
    summary: 'From now on a gateway may not speak for that device',
    params: z.object({ id: Id, childId: Id }),
    response: GatewayView,
  }),
};
