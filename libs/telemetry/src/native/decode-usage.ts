import { MAX_USAGES_PER_MESSAGE, USAGE_FLAGS, type UsageMessage } from '#contracts';
import { metricByName, type Family } from '#domain';
import { canonicalJson } from './canonical-json.js';
import { attributesOf } from './declared-attributes.js';
import { deviceTimeMs, isRejection, parsePayload, reject, type Rejection } from './message.js';
import { messageKey, type MessageKey } from './message-key.js';
import type { UsageDraft } from './time-usage.js';
import { usageFault } from './usage-fault.js';

/** A usage message and what is known about who sent it. */
export interface UsageReceipt {
  readonly topic: string;
  readonly payload: Buffer;
  readonly family: Family;
  /** Its name is different for every message received, equal for a known redelivery (rule U1); made when needed. */
  readonly receipt: { readonly name: string };
}

/** What one message holds; good elements are taken, bad ones rejected by index. */
export interface DecodedUsage {
  readonly drafts: UsageDraft[];
  readonly rejections: Rejection[];
  /** Attributes that the family does not declare: never stored. */
  droppedAttributes: number;
  /** A usage had neither id nor time: a repeat cannot be told from another usage (rule U1). */
  repeatsNotDetectable: boolean;
}

/** Decodes a message of the `usage` channel: one usage or an array of up to 500. Pure; rejects, never throws. */
export function decodeUsage(receipt: UsageReceipt): DecodedUsage {
  const decoded: DecodedUsage = { drafts: [], rejections: [], droppedAttributes: 0, repeatsNotDetectable: false };
  const parsed = parsePayload(receipt.payload);
  if (isRejection(parsed)) decoded.rejections.push(parsed);
  else if (!Array.isArray(parsed.json)) decodeElement(parsed.json, null, { receipt, decoded });
  else if (parsed.json.length < 1 || parsed.json.length > MAX_USAGES_PER_MESSAGE) {
    decoded.rejections.push(reject('schema', `an array holds 1 to ${MAX_USAGES_PER_MESSAGE} usages`));
  } else parsed.json.forEach((element, index) => decodeElement(element, index, { receipt, decoded }));
  return decoded;
}

interface Decoding {
  readonly receipt: UsageReceipt;
  readonly decoded: DecodedUsage;
}

function decodeElement(element: unknown, index: number | null, { receipt, decoded }: Decoding): void {
  const fault = usageFault(element);
  if (fault !== null) return void decoded.rejections.push(reject('schema', fault, index));
  const message = element as UsageMessage;
  const metric = metricByName(receipt.family.code as Parameters<typeof metricByName>[0], message.metric);
  if (metric === undefined) {
    const reason = `${receipt.family.code} has no metric ${JSON.stringify(message.metric)}`;
    return void decoded.rejections.push(reject('unknown_metric', reason, index));
  }
  const attributes = attributesOf(metric)(message.attributes);
  if ('invalid' in attributes) {
    const reason = `attributes.${attributes.invalid} has a value that ${metric.name} does not declare`;
    return void decoded.rejections.push(reject('value_out_of_range', reason, index));
  }
  decoded.droppedAttributes += attributes.dropped;
  const { key, ownAtMs, inLedger, flags } = identify(message, index, receipt);
  if (flags & USAGE_FLAGS.repeatsNotDetectable) decoded.repeatsNotDetectable = true;
  decoded.drafts.push({
    family: receipt.family,
    metric,
    key,
    ownAtMs,
    inLedger,
    flags,
    untilMs: message.until === undefined ? null : deviceTimeMs(message.until),
    value: message.value ?? null,
    attributes: attributes.json,
    dimensions: attributes.dimensions,
    element: index,
  });
}

type Identity = Pick<UsageDraft, 'ownAtMs' | 'inLedger' | 'flags'> & { key: MessageKey };

/** Rule U1: which key and which time name the usage. The prefixes keep the kinds of names apart. */
function identify(message: UsageMessage, index: number | null, receipt: UsageReceipt): Identity {
  const { id, at } = message;
  if (at !== undefined) {
    const name = id === undefined ? `#${receipt.topic}\n${contentOf(message)}` : `=${id}`;
    return { key: messageKey(name), ownAtMs: deviceTimeMs(at), inLedger: false, flags: 0 };
  }
  if (id !== undefined) {
    return { key: messageKey(`=${id}`), ownAtMs: null, inLedger: true, flags: USAGE_FLAGS.receivedTime };
  }
  const flags = USAGE_FLAGS.receivedTime | USAGE_FLAGS.repeatsNotDetectable;
  return { key: messageKey(`~${receipt.receipt.name}/${index ?? ''}`), ownAtMs: null, inLedger: false, flags };
}

/** Only what the schema knows: anything else may nest too deep to be walked. */
function contentOf({ metric, at, until, value, attributes }: UsageMessage): string {
  return canonicalJson({ metric, at, until: until ?? null, value: value ?? null, attributes: attributes ?? null });
}
