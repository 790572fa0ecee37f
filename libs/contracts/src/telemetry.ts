import { z } from 'zod';

/** The device contract, version 1. Limits are part of it. */
export const TOPIC_ROOT = 'wt/v1';
export const MAX_PAYLOAD_BYTES = 65_536;
export const MAX_USAGES_PER_MESSAGE = 500;
export const MAX_ID_LENGTH = 64;
export const MAX_ATTRIBUTES = 16;
export const MAX_ATTRIBUTE_TEXT = 120;
/** Rule U5: a device's clock may be this much ahead. */
export const MAX_AHEAD_MS = 5 * 60_000;
/** Rule K1: raw usage is kept this long; an older time is refused as `time_too_old`. */
export const RAW_DAYS = 90;

export const UPWARD_CHANNELS = ['usage', 'state', 'health'] as const;
export type UpwardChannel = (typeof UPWARD_CHANNELS)[number];

/** Topic a device publishes to, `wt/v1/{deviceId}/{channel}`. */
export const upwardTopic = (deviceId: string, channel: UpwardChannel): string => `${TOPIC_ROOT}/${deviceId}/${channel}`;
/** Topic filter that a device may subscribe to, `wt/v1/{deviceId}/command/#`. */
export const commandTopics = (deviceId: string): string => `${TOPIC_ROOT}/${deviceId}/command/#`;

/** Topic on which a device answers a command, `wt/v1/{deviceId}/command/{commandId}/response`. */
export const responseTopic = (deviceId: string, commandId: string): string =>
  `${TOPIC_ROOT}/${deviceId}/command/${commandId}/response`;

/** Splits an upward topic; null when the topic is none. */
export function parseUpwardTopic(topic: string): { deviceId: string; channel: UpwardChannel } | null {
  const parts = topic.split('/');
  const channel = UPWARD_CHANNELS.find((known) => known === parts[3]);
  if (parts.length !== 4 || parts[0] !== 'wt' || parts[1] !== 'v1' || !parts[2] || !channel) return null;
  return { deviceId: parts[2], channel };
}

/** RFC 3339, Unix milliseconds, or Unix seconds (told by magnitude: below 10^11). */
export const DeviceTime = z.union([z.number(), z.iso.datetime({ offset: true })]);
/** The text form of {@link DeviceTime}, for checks too hot for a schema. */
export const DEVICE_TIME_TEXT = z.regexes.datetime({ offset: true });

/** Text without control characters or halves of surrogate pairs: neither can be stored. */
export const PLAIN_TEXT = /^[^\p{Cc}\p{Cs}]*$/u;
export const MAX_ATTRIBUTE_NAME = 40;
export const MAX_METRIC_NAME = 40;

const Scalar = z.union([z.string().max(MAX_ATTRIBUTE_TEXT).regex(PLAIN_TEXT), z.number(), z.boolean()]);
const AttributesMessage = z
  .record(z.string().max(MAX_ATTRIBUTE_NAME), Scalar)
  .refine((attributes) => Object.keys(attributes).length <= MAX_ATTRIBUTES, `at most ${MAX_ATTRIBUTES} attributes`);

/** One usage as a device sends it (rules U1–U3). */
export const UsageMessage = z
  .object({
    id: z.string().min(1).max(MAX_ID_LENGTH).optional(),
    metric: z.string().min(1).max(MAX_METRIC_NAME),
    at: DeviceTime.optional(),
    until: DeviceTime.optional(),
    value: z.number().optional(),
    attributes: AttributesMessage.optional(),
  })
  .meta({ id: 'UsageMessage' });
export type UsageMessage = z.output<typeof UsageMessage>;
export const UsagePayload = z.union([UsageMessage, z.array(UsageMessage).min(1).max(MAX_USAGES_PER_MESSAGE)]);

export const DEVICE_STATES = ['online', 'offline', 'sleeping', 'lost'] as const;
export type DeviceState = (typeof DEVICE_STATES)[number];
export const StateMessage = z
  .object({ state: z.enum(DEVICE_STATES), at: DeviceTime.optional() })
  .meta({ id: 'StateMessage' });
export const HealthMessage = z
  .object({
    battery: z.number().min(0).max(100).optional(),
    signal: z.number().min(-200).max(50).optional(),
    firmware: z.string().max(60).regex(PLAIN_TEXT).optional(),
    at: DeviceTime.optional(),
  })
  .meta({ id: 'HealthMessage' });

/** Why a message could not be taken: stable, part of the API. */
export const REJECT_CODES = [
  'payload_too_large',
  'not_json',
  'binary_payload',
  'schema',
  'unknown_device',
  'device_retired',
  'unknown_metric',
  'value_out_of_range',
  'time_in_future',
  'time_too_old',
  'id_reused',
  'session_times',
  'topic_not_allowed',
  'rate_limited',
  'consent_withdrawn',
] as const;
export type RejectCode = (typeof REJECT_CODES)[number];

/** Flags of a stored usage row, as bits. */
export const USAGE_FLAGS = {
  /** No `at` was sent: the row's time is the time of receipt. */
  receivedTime: 1,
  /** Neither id nor time: a repeat cannot be told from a new usage (rule U1). */
  repeatsNotDetectable: 2,
  /** A session without an end yet (rule U3): shown as open, not counted. */
  open: 4,
  /** An open session closed at the family's maximum length (rule U3). */
  estimated: 8,
  /** Entered by hand. */
  manual: 16,
  /** A person has set it aside (rule U7): it stays, and no figure counts it. Never set by what comes in. */
  setAside: 32,
} as const;

/** PostgreSQL NOTIFY channel: ingest and the benefit worker tell the API which placements changed, ids only. */
export const CHANGES_CHANNEL = 'nyttospar_changes';
/** Longest NOTIFY payload in bytes: PostgreSQL refuses 8000 and more. */
export const MAX_NOTICE_BYTES = 7_900;
/** `placements: null` = too many to name: re-read everything shown. */
export interface ChangeNotice {
  kind: 'usage' | 'signal' | 'benefit';
  placements: number[] | null;
}
/** PostgreSQL NOTIFY channel on which the API asks ingest to drop a device's live connection; the payload is its key. */
export const DISCONNECT_CHANNEL = 'nyttospar_disconnect';
