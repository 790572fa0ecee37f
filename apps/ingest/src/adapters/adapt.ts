import type { UpwardChannel } from '#contracts';
import { type Ecosystem, type MappingRule, USUAL_PREFIXES } from '#domain';
import {
  type Adaptation,
  ADAPTERS,
  applyMapping,
  type DeviceReadings,
  type EdgeSession,
  isRejection,
  matchesFilter,
  type MappingMemory,
  nativeMessages,
  reject,
  type Rejection,
} from '#telemetry';
import type { Device } from '../custody.js';
import type { SenderStep } from './adapter-sessions.js';
import type { Gateway } from './gateways.js';

/** What adapting must know of devices. */
export interface Known {
  deviceByKey(key: number): Device | undefined;
  rulesOf(deviceKey: number, ecosystem: Ecosystem): readonly MappingRule[];
  ecosystemsOf(deviceKey: number): Ecosystem[];
  memoryOf(deviceKey: number): MappingMemory;
  /** Null where nothing is known of the sender; a gateway's login key is negative. */
  sessionOf(loginKey: number, sender: string): EdgeSession | null;
}

/** A message in another system's words, of a device under its own login or of a gateway. */
export interface ForeignMessage {
  readonly client: { readonly device: Device } | { readonly gateway: Gateway };
  readonly topic: string;
  readonly payload: Buffer;
  readonly receivedAtMs: number;
  readonly receipt: { readonly name: string };
}

/** One message as the device itself would have sent it. */
export interface NativePart {
  readonly device: Device;
  readonly channel: UpwardChannel;
  readonly payload: Buffer;
}

/** What a foreign message comes to. */
export interface Adapted {
  readonly parts: readonly NativePart[];
  readonly rejections: readonly { readonly device: Device | null; readonly rejection: Rejection }[];
  /** Names that the gateway spoke for without being granted them. */
  readonly strangers: readonly string[];
  /** What the mappings remember from now on, by device key; it counts once the parts are committed. */
  readonly memories: ReadonlyMap<number, MappingMemory>;
  readonly repeatsNotDetectable: boolean;
  /** What the message makes of its sender's session; null where the ecosystem has none. */
  readonly step: SenderStep | null;
}

/**
 * Turns a message of another ecosystem into native ones. Pure. Null when the topic is none of an ecosystem that the
 * device's product is mapped in: the native path then says what is wrong.
 */
export function adapt(message: ForeignMessage, known: Known): Adapted | null {
  const adapting = new Adapting(message, known);
  const { client } = message;
  if ('gateway' in client) adapting.ofGateway(client.gateway);
  else if (!adapting.ofDevice(client.device)) return null;
  return adapting.result;
}

/** Whether a topic lies within what a client of an ecosystem publishes. */
function isOwnTopic(topic: string, ecosystem: Ecosystem, prefix: string): boolean {
  return ADAPTERS[ecosystem].filters(prefix).some((filter) => matchesFilter(topic, filter));
}

function isSelf(name: string | null, { publicId }: Device, ecosystem: Ecosystem): boolean {
  return name === null || (ADAPTERS[ecosystem].isOwnName?.(name, publicId) ?? name === publicId);
}

function deviceNamed(
  topic: string,
  { ecosystem, topicPrefix }: Pick<Gateway, 'ecosystem' | 'topicPrefix'>,
): string | null {
  const adapter = ADAPTERS[ecosystem];
  if (adapter.deviceNamed) return adapter.deviceNamed(topic);
  const empty = adapter.adapt(topic, Buffer.from('{}'), topicPrefix);
  return isRejection(empty) || empty.length !== 1 ? null : (empty[0]?.device ?? null);
}

const usualPrefix = (ecosystem: Ecosystem): string => USUAL_PREFIXES[ecosystem] ?? '';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

class Adapting {
  readonly result: Mutable<Adapted> & {
    parts: NativePart[];
    rejections: { device: Device | null; rejection: Rejection }[];
    strangers: string[];
    memories: Map<number, MappingMemory>;
  } = { parts: [], rejections: [], strangers: [], memories: new Map(), repeatsNotDetectable: false, step: null };

  constructor(
    private readonly message: ForeignMessage,
    private readonly known: Known,
  ) {}

  /** A device speaks for itself alone: where the topic names a device, it must be its own user name. */
  ofDevice(device: Device): boolean {
    const { topic } = this.message;
    const ecosystem = this.known.ecosystemsOf(device.key).find((one) => isOwnTopic(topic, one, usualPrefix(one)));
    if (ecosystem === undefined) return false;
    const adapted = this.read({ ecosystem, topicPrefix: usualPrefix(ecosystem), key: device.key });
    if (isRejection(adapted)) this.refuse(device, adapted);
    else {
      for (const readings of adapted) {
        if (isSelf(readings.device, device, ecosystem)) this.take(readings, device, ecosystem);
        else
          this.refuse(device, reject('topic_not_allowed', 'a device names itself by its user name, and nobody else'));
      }
    }
    return true;
  }

  ofGateway(gateway: Gateway): void {
    const { topic } = this.message;
    const { ecosystem, topicPrefix } = gateway;
    if (!isOwnTopic(topic, ecosystem, topicPrefix)) {
      const own = ADAPTERS[ecosystem].filters(topicPrefix).join(', ');
      return this.refuse(null, reject('topic_not_allowed', `the gateway publishes on ${own} only`));
    }
    const adapted = this.read(gateway);
    if (isRejection(adapted)) return this.refuse(this.onlyChild(gateway), adapted);
    for (const readings of adapted) this.takeChild(readings, gateway);
  }

  private read({
    ecosystem,
    topicPrefix,
    key: loginKey,
  }: Pick<Gateway, 'ecosystem' | 'topicPrefix' | 'key'>): Adaptation {
    const { topic, payload } = this.message;
    const { sessions } = ADAPTERS[ecosystem];
    const sender = sessions?.senderOf(topic) ?? null;
    if (!sessions || sender === null) return ADAPTERS[ecosystem].adapt(topic, payload, topicPrefix);
    const { adaptation, ...step } = sessions.adapt({ topic, payload }, this.known.sessionOf(loginKey, sender));
    if (!isRejection(adaptation)) this.result.step = { ecosystem, loginKey, sender, ...step };
    return adaptation;
  }

  /** What a gateway says of itself is of no device, and of no use. */
  private takeChild(readings: DeviceReadings, gateway: Gateway): void {
    if (readings.device === null) return;
    const key = gateway.children.get(readings.device);
    const device = key === undefined ? undefined : this.known.deviceByKey(key);
    if (device) return this.take(readings, device, gateway.ecosystem);
    if (!readings.isInPassing || readings.readings.length > 0) this.result.strangers.push(readings.device);
    if (readings.isInPassing) return;
    this.refuse(null, reject('unknown_device', `the gateway may not speak for ${JSON.stringify(readings.device)}`));
  }

  private take(readings: DeviceReadings, device: Device, ecosystem: Ecosystem): void {
    const rules = this.known.rulesOf(device.key, ecosystem);
    if (rules.length === 0 && readings.readings.length > 0) {
      this.refuse(device, reject('unknown_metric', `the product has no mapping for ${ecosystem}`));
    }
    const { receivedAtMs, receipt } = this.message;
    const memory = this.result.memories.get(device.key) ?? this.known.memoryOf(device.key);
    const mapped = applyMapping(rules, readings.readings, { family: device.family, receivedAtMs, receipt, memory });
    if (mapped.memory !== memory) this.result.memories.set(device.key, mapped.memory);
    this.result.repeatsNotDetectable ||= mapped.repeatsNotDetectable;
    for (const rejection of [...(readings.rejections ?? []), ...mapped.rejections]) this.refuse(device, rejection);
    for (const part of nativeMessages(readings, mapped.usages)) this.result.parts.push({ device, ...part });
  }

  /** Whose message it is where the topic alone says so: its reject then stands at that device. */
  private onlyChild({ children, ecosystem, topicPrefix }: Gateway): Device | null {
    const name = deviceNamed(this.message.topic, { ecosystem, topicPrefix });
    const key = name === null ? undefined : children.get(name);
    return (key === undefined ? undefined : this.known.deviceByKey(key)) ?? null;
  }

  private refuse(device: Device | null, rejection: Rejection): void {
    this.result.rejections.push({ device, rejection });
  }
}
