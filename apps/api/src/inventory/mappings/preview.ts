import { RAW_DAYS, USAGE_FLAGS, type PreviewedMessage, type UpwardChannel } from '#contracts';
import { type Attributes, type Ecosystem, type Family, type MappingRule, USUAL_PREFIXES } from '#domain';
import {
  ADAPTERS,
  applyMapping,
  decodeHealth,
  decodeState,
  decodeUsage,
  type DeviceReadings,
  type EdgeSession,
  isRejection,
  matchesFilter,
  type MappingMemory,
  nativeMessages,
  NO_MEMORY,
  type Rejection,
  timeUsage,
  type TimeWindow,
  type UsageDraft,
} from '#telemetry';
import { claimedTime } from '../claimed-time.js';

/** A message to try a mapping on. */
export interface GivenMessage {
  readonly isSample: boolean;
  readonly receivedAt: Date;
  readonly topic: string;
  readonly payload: Buffer;
}

interface Trying {
  readonly ecosystem: Ecosystem;
  readonly rules: readonly MappingRule[];
  readonly family: Family;
  /** Tried besides the ecosystem's usual one. */
  readonly prefixes: readonly string[];
  /** What is remembered of senders, by name, before the first of the messages. */
  readonly sessions: ReadonlyMap<string, EdgeSession>;
}

type Usage = PreviewedMessage['usages'][number];

/**
 * What the rules would make of messages, one after the other, by the very functions that ingest uses. Messages on the
 * topics of another ecosystem are left out, unless they were pasted. Nothing is stored.
 */
export function previewMapping(messages: readonly GivenMessage[], trying: Trying): PreviewedMessage[] {
  const memories = new Map<string | null, MappingMemory>();
  const sessions = new Map(trying.sessions);
  return messages.flatMap((message, index) => {
    const adapted = adapt(message, { ...trying, sessions });
    if (isRejection(adapted) && adapted.code === 'topic_not_allowed' && !message.isSample) return [];
    return [previewMessage(message, { adapted, trying, memories, name: `preview${index}` })];
  });
}

function adapt(
  { topic, payload }: GivenMessage,
  { ecosystem, prefixes, sessions }: Trying & { sessions: Map<string, EdgeSession> },
): readonly DeviceReadings[] | Rejection {
  const adapter = ADAPTERS[ecosystem];
  const sender = adapter.sessions?.senderOf(topic) ?? null;
  if (adapter.sessions && sender !== null) {
    const { adaptation, session } = adapter.sessions.adapt({ topic, payload }, sessions.get(sender) ?? null);
    sessions.set(sender, session);
    return adaptation;
  }
  const usual = USUAL_PREFIXES[ecosystem] ?? '';
  const tried = [usual, ...prefixes];
  const own = tried.find((prefix) => adapter.filters(prefix).some((filter) => matchesFilter(topic, filter)));
  return adapter.adapt(topic, payload, own ?? usual);
}

interface Previewing {
  readonly adapted: readonly DeviceReadings[] | Rejection;
  readonly trying: Trying;
  readonly memories: Map<string | null, MappingMemory>;
  readonly name: string;
}

function previewMessage(message: GivenMessage, previewing: Previewing): PreviewedMessage {
  const { adapted } = previewing;
  const head = { isSample: message.isSample, receivedAt: message.receivedAt.toISOString(), topic: message.topic };
  if (isRejection(adapted)) return { ...head, devices: [], usages: [], rejections: [refusal(null, adapted)] };
  const parts = adapted.map((device) => previewDevice(device, message, previewing));
  return {
    ...head,
    devices: adapted.map(readingsView),
    usages: parts.flatMap(({ usages }) => usages),
    rejections: parts.flatMap(({ rejections }) => rejections),
  };
}

function readingsView(device: DeviceReadings): PreviewedMessage['devices'][number] {
  const readings = device.readings.map(({ field, value, atMs }) => ({
    field,
    value: shown(value),
    at: claimedTime(atMs),
  }));
  const { battery = null, signalDbm = null, state = null } = device;
  return { name: device.device, readings, battery, signal: signalDbm, state };
}

const SHOWN_TEXT = 120;
const shown = <T>(value: T): T | string =>
  typeof value === 'string' ? value.slice(0, SHOWN_TEXT).replace(/[\p{Cc}\p{Cs}]/gu, '\ufffd') : value;

type Part = Pick<PreviewedMessage, 'usages' | 'rejections'>;

function previewDevice(device: DeviceReadings, { receivedAt }: GivenMessage, previewing: Previewing): Part {
  const { trying, memories, name } = previewing;
  const receivedAtMs = receivedAt.getTime();
  const memory = memories.get(device.device) ?? NO_MEMORY;
  const context = { family: trying.family, receivedAtMs, receipt: { name }, memory };
  const mapped = applyMapping(trying.rules, device.readings, context);
  memories.set(device.device, mapped.memory);
  const window = { receivedAtMs, keptFromMs: receivedAtMs - RAW_DAYS * 86_400_000 };
  const native = nativeMessages(device, mapped.usages).map((one) =>
    receive(one, { trying, window, device: device.device }),
  );
  return {
    usages: native.flatMap(({ usages }) => usages),
    rejections: [
      ...[...(device.rejections ?? []), ...mapped.rejections].map((rejection) => refusal(device.device, rejection)),
      ...native.flatMap(({ rejections }) => rejections),
    ],
  };
}

interface Receiving {
  readonly trying: Trying;
  readonly window: TimeWindow;
  readonly device: string | null;
}

function receive({ channel, payload }: { channel: UpwardChannel; payload: Buffer }, receiving: Receiving): Part {
  const { device, trying, window } = receiving;
  if (channel !== 'usage') {
    const report = channel === 'state' ? decodeState(payload, window) : decodeHealth(payload, window);
    return { usages: [], rejections: isRejection(report) ? [refusal(device, report)] : [] };
  }
  const decoded = decodeUsage({ topic: 'preview', payload, family: trying.family, receipt: { name: 'preview' } });
  const settled = decoded.drafts.map((draft) => settle(draft, receiving));
  return {
    usages: settled.flatMap((one) => ('code' in one ? [] : [one])),
    rejections: [
      ...decoded.rejections.map((rejection) => refusal(device, rejection)),
      ...settled.flatMap((one) => ('code' in one ? [one] : [])),
    ],
  };
}

function settle(draft: UsageDraft, { window, device }: Receiving): Usage | PreviewedMessage['rejections'][number] {
  const timed = timeUsage(draft, draft.ownAtMs ?? window.receivedAtMs, window);
  if ('code' in timed) return refusal(device, timed);
  return {
    device,
    metric: draft.metric.name,
    at: new Date(timed.atMs).toISOString(),
    isReceivedTime: (timed.flags & USAGE_FLAGS.receivedTime) !== 0,
    until: claimedTime(timed.untilMs),
    value: timed.value,
    attributes: draft.attributes === null ? {} : (JSON.parse(draft.attributes) as Attributes),
  };
}

const refusal = (device: string | null, { code, reason }: Pick<Rejection, 'code' | 'reason'>) => ({
  device,
  code,
  reason,
});
