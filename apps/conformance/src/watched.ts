import { parseUpwardTopic, RAW_DAYS, TOPIC_ROOT, type UpwardChannel } from '#contracts';
import { FAMILIES, type Family } from '#domain';
import {
  decodeHealth,
  decodeState,
  decodeUsage,
  deviceTimeMs,
  type HealthReport,
  isRejection,
  parsePayload,
  type Rejection,
  type StateReport,
  timeUsage,
  type TimeWindow,
} from '#telemetry';
import type { ConnectSeen, PublishSeen, Run } from './observation.js';

/** A message with what its topic makes of it; null = no topic of the device's own. */
export interface Message extends PublishSeen {
  readonly bytes: Buffer;
  readonly channel: UpwardChannel | 'response' | null;
}

/** One usage as it was sent, whether it can be taken or not. */
export interface UsageSeen {
  readonly message: Message;
  readonly content: Readonly<Record<string, unknown>>;
  /** The device's own times; null when there is none that can be read. */
  readonly atMs: number | null;
  readonly untilMs: number | null;
}

/** A stretch of time. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A connection that was let in. */
export interface Connection extends Stretch {
  readonly number: number;
  readonly connect: ConnectSeen;
  readonly endedBy: 'device' | 'kit' | null;
}

/** A run, read once for all clauses. */
export interface Watched {
  readonly run: Run;
  readonly family: Family;
  readonly connects: readonly ConnectSeen[];
  readonly connections: readonly Connection[];
  readonly messages: readonly Message[];
  readonly usageMessages: readonly Message[];
  readonly usages: readonly UsageSeen[];
  /** What the product would refuse of each usage message, its clock apart. */
  readonly faultsOf: (message: Message) => readonly Rejection[];
  readonly droppedAttributesOf: (message: Message) => number;
  readonly states: readonly { readonly message: Message; readonly report: StateReport | Rejection }[];
  readonly healths: readonly { readonly message: Message; readonly report: HealthReport | Rejection }[];
  /** When the kit refused connections. */
  readonly pauses: readonly Stretch[];
}

const DAY_MS = 86_400_000;

/** Reads a run: decodes its messages as the product would. Pure; what cannot be read becomes a rejection. */
export function watch(run: Run): Watched {
  const family = FAMILIES[run.family];
  const messages = run.observations.filter((one) => one.kind === 'publish').map((one) => messageOf(one, run.deviceId));
  const on = (channel: UpwardChannel): Message[] => messages.filter((message) => message.channel === channel);
  const connects = run.observations.filter((one) => one.kind === 'connect');
  const decoded = new Map(on('usage').map((message) => [message, decode(message, family)]));
  return {
    run,
    family,
    connects,
    connections: connects.filter(({ outcome }) => outcome === 'accepted').map((one) => connectionOf(one, run)),
    messages,
    usageMessages: on('usage'),
    usages: on('usage').flatMap(usagesOf),
    faultsOf: (message) => decoded.get(message)?.faults ?? [],
    droppedAttributesOf: (message) => decoded.get(message)?.dropped ?? 0,
    states: on('state').map((message) => ({ message, report: decodeState(message.bytes, windowOf(message)) })),
    healths: on('health').map((message) => ({ message, report: decodeHealth(message.bytes, windowOf(message)) })),
    pauses: pausesOf(run),
  };
}

/** The time window of a message (rule U5). */
export function windowOf({ atMs }: PublishSeen): TimeWindow {
  return { receivedAtMs: atMs, keptFromMs: atMs - RAW_DAYS * DAY_MS };
}

function messageOf(seen: PublishSeen, deviceId: string): Message {
  return { ...seen, bytes: Buffer.from(seen.payload, 'base64'), channel: channelOf(seen.topic, deviceId) };
}

function channelOf(topic: string, deviceId: string): Message['channel'] {
  const upward = parseUpwardTopic(topic);
  if (upward) return upward.deviceId === deviceId ? upward.channel : null;
  const [start, end] = [`${TOPIC_ROOT}/${deviceId}/command/`, '/response'];
  const isAnswer = topic.startsWith(start) && topic.endsWith(end) && topic.length > start.length + end.length;
  return isAnswer ? 'response' : null;
}

/** The clock has a clause of its own: every usage is judged as if it were in time. */
function decode(message: Message, family: Family): { faults: Rejection[]; dropped: number } {
  const { drafts, rejections, droppedAttributes } = decodeUsage({
    topic: message.topic,
    payload: message.bytes,
    family,
    receipt: { name: 'conformance' },
  });
  const timeless = { receivedAtMs: Infinity, keptFromMs: -Infinity };
  const faults = drafts.flatMap((draft) => {
    const timed = timeUsage(draft, draft.ownAtMs ?? message.atMs, timeless);
    return 'code' in timed ? [{ ...timed, element: draft.element }] : [];
  });
  return { faults: [...rejections, ...faults], dropped: droppedAttributes };
}

function usagesOf(message: Message): UsageSeen[] {
  const parsed = parsePayload(message.bytes);
  if (isRejection(parsed)) return [];
  const elements: unknown[] = Array.isArray(parsed.json) ? parsed.json : [parsed.json];
  return elements.filter(isRecord).map((content) => {
    return { message, content, atMs: timeOf(content['at']), untilMs: timeOf(content['until']) };
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function timeOf(value: unknown): number | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const ms = deviceTimeMs(value);
  return Number.isFinite(ms) ? ms : null;
}

function connectionOf(connect: ConnectSeen, run: Run): Connection {
  const leave = run.observations.find((one) => one.kind === 'leave' && one.connection === connect.connection);
  return {
    number: connect.connection,
    connect,
    fromMs: connect.atMs,
    toMs: leave?.atMs ?? run.endedAtMs,
    endedBy: leave?.kind === 'leave' ? leave.by : null,
  };
}

function pausesOf({ observations, endedAtMs }: Run): Stretch[] {
  const ends = observations.filter(({ kind }) => kind === 'pause_ended').map(({ atMs }) => atMs);
  const begins = observations.filter(({ kind }) => kind === 'pause_began').map(({ atMs }) => atMs);
  return begins.map((fromMs) => ({ fromMs, toMs: ends.find((end) => end >= fromMs) ?? endedAtMs }));
}
