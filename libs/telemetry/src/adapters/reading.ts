import { isUtf8 } from 'node:buffer';
import { DEVICE_TIME_TEXT, MAX_PAYLOAD_BYTES, PLAIN_TEXT, type DeviceState } from '#contracts';
import type { Scalar } from '#domain';
import {
  CONTROL_CHARACTER,
  deviceTimeMs,
  isRejection,
  parsePayload,
  reject,
  type Rejection,
} from '../native/message.js';
import type { EdgeSession } from './sparkplug/edge-session.js';

/** One field of another system's message. */
export interface Reading {
  /** Nested fields are joined by a dot: `door.open`. */
  readonly field: string;
  readonly value: Scalar;
  /** The source's own time in milliseconds, null where it gives none. */
  readonly atMs: number | null;
  /** The source's own message id, null where it gives none. */
  readonly id: string | null;
  /** Told as it stands when the source comes back: nothing need have happened to make it so. */
  readonly isStanding?: true;
}

/** What one message says of one device. */
export interface DeviceReadings {
  /** The name that the other system has for it; null = the client itself. */
  readonly device: string | null;
  readonly readings: readonly Reading[];
  /** The time of `state`, `battery` and `signalDbm`, null where the source gives none. */
  readonly atMs: number | null;
  readonly state?: DeviceState;
  /** Percent. */
  readonly battery?: number;
  readonly signalDbm?: number;
  /** What of the message could not be read of this device; the rest counts. */
  readonly rejections?: readonly Rejection[];
  /** Spoken of because the message is about another, or about the client: of no matter where it is not granted. */
  readonly isInPassing?: true;
}

/** What an adapter makes of a message; nothing where it says nothing of a device, or why it cannot be read. */
export type Adaptation = readonly DeviceReadings[] | Rejection;

/** How one ecosystem's messages are understood. Every function is pure and none throws. */
export interface Adapter {
  /** The MQTT topic filters within which a client of the ecosystem publishes. */
  filters(prefix: string): readonly string[];
  adapt(topic: string, payload: Buffer, prefix: string): Adaptation;
  /** Its payloads are no text. */
  readonly isBinary?: true;
  /** The device that a topic names, where the topic alone says so; by default what is asked of an empty object says it. */
  deviceNamed?(topic: string): string | null;
  /** Whether a name is that of the client itself under its user name; by default where they are equal. */
  isOwnName?(name: string, username: string): boolean;
  /** Only where a message is not understood without what its sender said before. */
  readonly sessions?: SessionAdapter;
}

/** How messages are understood that build on earlier ones of the same sender. */
export interface SessionAdapter {
  /** Whose session a topic belongs to; null = nobody's. */
  senderOf(topic: string): string | null;
  /** `session` is null where nothing is known of the sender. */
  adapt(message: { readonly topic: string; readonly payload: Buffer }, session: EdgeSession | null): SessionStep;
  /** The message by which a sender is asked to begin anew, with all that a session begins with. */
  askAnew(sender: string, atMs: number): { readonly topic: string; readonly payload: Buffer };
}

/** What a message makes of its sender's session. */
export interface SessionStep {
  readonly adaptation: Adaptation;
  readonly session: EdgeSession;
  /** What the sender's own count shows to be missing, in words; null = nothing. */
  readonly gap: string | null;
  /** Something in the message is not understood for want of the session's beginning. */
  readonly isBeginningMissing: boolean;
}

/** The longest name that another system may have for a device. */
export const MAX_EXTERNAL_NAME = 120;
const MAX_FIELD = 120;
const MAX_FIELDS = 500;
const MAX_DEPTH = 4;
const MAX_TEXT = 500;

/** A JSON object: no array, not null. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a parsed value is a JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The payload as a JSON object, or the native decoder's rejection, or `schema`. */
export function parseObject(payload: Buffer): { readonly object: JsonObject } | Rejection {
  const parsed = parsePayload(payload);
  if (isRejection(parsed)) return parsed;
  return isObject(parsed.json) ? { object: parsed.json } : reject('schema', 'the payload is no object');
}

/** The payload as plain text without blanks around it, within the limits of the native decoder. */
export function parseText(payload: Buffer): { readonly text: string } | Rejection {
  if (payload.length > MAX_PAYLOAD_BYTES) {
    return reject('payload_too_large', `${payload.length} bytes, at most ${MAX_PAYLOAD_BYTES} are taken`);
  }
  if (!isUtf8(payload)) return reject('binary_payload', 'the payload is no UTF-8 text');
  const text = payload.toString().trim();
  return CONTROL_CHARACTER.test(text) ? reject('binary_payload', 'the payload holds control characters') : { text };
}

/** When and under which id the fields of a message were read. */
export type Source = Pick<Reading, 'atMs' | 'id'>;

/** The scalar fields of an object and of the objects in it; lists, nulls and long texts are left out. */
export function readFields(object: JsonObject, source: Source): Reading[] {
  const readings: Reading[] = [];
  collect(object, '', { source, readings, depth: 0 });
  return readings;
}

interface Collecting {
  readonly source: Source;
  readonly readings: Reading[];
  readonly depth: number;
}

function collect(object: JsonObject, path: string, { source, readings, depth }: Collecting): void {
  for (const [name, value] of Object.entries(object)) {
    const field = `${path}${name}`;
    if (isObject(value) && depth + 1 < MAX_DEPTH) collect(value, `${field}.`, { source, readings, depth: depth + 1 });
    else if (readings.length < MAX_FIELDS && isScalar(value) && isField(field))
      readings.push({ field, value, ...source });
  }
}

/** Whether a value can be compared and counted. */
export function isScalar(value: unknown): value is Scalar {
  if (typeof value === 'string') return value.length <= MAX_TEXT;
  return typeof value === 'boolean' || Number.isFinite(value);
}

/** Whether a name can be a field's. */
export const isField = (field: string): boolean => field !== '' && field.length <= MAX_FIELD && PLAIN_TEXT.test(field);

const NUMBER = /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** What a plain text stands for: a number, true or false, or itself. */
export function scalarOf(text: string): Scalar {
  if (text === 'true' || text === 'false') return text === 'true';
  const number = NUMBER.test(text) ? Number(text) : NaN;
  return Number.isFinite(number) ? number : text;
}

/** Milliseconds of a time as other systems write it: RFC 3339 with any number of decimals, or Unix time; else null. */
export function sourceTimeMs(time: unknown): number | null {
  if (typeof time === 'number' && Number.isFinite(time)) return deviceTimeMs(time);
  if (typeof time !== 'string' || !DEVICE_TIME_TEXT.test(time)) return null;
  const ms = deviceTimeMs(time);
  return Number.isFinite(ms) ? ms : null;
}

/** A percentage, or undefined where a value is none. */
export function percentOf(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= 100 ? value : undefined;
}

/** The name of a device in another system, or why it can be none. */
export function externalName(name: unknown): { readonly name: string } | Rejection {
  if (typeof name === 'string' && name !== '' && name.length <= MAX_EXTERNAL_NAME && PLAIN_TEXT.test(name)) {
    return { name };
  }
  return reject('schema', `a device's name is a text of 1 to ${MAX_EXTERNAL_NAME} characters`);
}

/** `online` and `offline` as other systems spell them, in a plain text or as the `state` of an object; else null. */
export function availabilityOf(text: string): DeviceState | null {
  const word = text.startsWith('{') ? stateIn(text) : text;
  return AVAILABILITY.get(word.toLowerCase()) ?? null;
}

const AVAILABILITY = new Map<string, DeviceState>([
  ['online', 'online'],
  ['connected', 'online'],
  ['offline', 'offline'],
  ['connection lost', 'offline'],
  ['disconnected', 'offline'],
]);

function stateIn(text: string): string {
  try {
    const json = JSON.parse(text) as unknown;
    return isObject(json) && typeof json['state'] === 'string' ? json['state'] : '';
  } catch {
    return '';
  }
}

/** What stands after a prefix and its slash; null for a topic of another prefix. */
export function below(topic: string, prefix: string): string | null {
  if (prefix === '') return topic;
  return topic.startsWith(`${prefix}/`) ? topic.slice(prefix.length + 1) : null;
}

/** The rejection of a topic that the ecosystem does not have. */
export function foreignTopic(): Rejection {
  return reject('topic_not_allowed', 'the ecosystem has no such topic');
}
