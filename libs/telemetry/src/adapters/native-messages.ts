import { MAX_PAYLOAD_BYTES, MAX_USAGES_PER_MESSAGE, type UpwardChannel, type UsageMessage } from '#contracts';
import type { DeviceReadings } from './reading.js';

/** A message as the device itself would have sent it on one of its own channels. */
export interface NativeMessage {
  readonly channel: UpwardChannel;
  readonly payload: Buffer;
}

/** A device's state, health and usages in the native wire form: as many messages as the native limits ask for. */
export function nativeMessages(device: DeviceReadings, usages: readonly UsageMessage[]): NativeMessage[] {
  return [...stateOf(device), ...healthOf(device), ...usageMessages(usages)];
}

function stateOf({ state, atMs }: DeviceReadings): NativeMessage[] {
  return state === undefined ? [] : [write('state', { state, ...timeOf(atMs) })];
}

/** Whatever a device reports is a sign of life (rule U12), also where no rule makes a usage of it. */
function healthOf({ readings, battery, signalDbm, atMs }: DeviceReadings): NativeMessage[] {
  // Outside what the native schema takes it is no level of a radio.
  const signal = signalDbm !== undefined && signalDbm >= -200 && signalDbm <= 50 ? signalDbm : undefined;
  if (battery === undefined && signal === undefined && readings.length === 0) return [];
  return [
    write('health', {
      ...(battery !== undefined && { battery }),
      ...(signal !== undefined && { signal }),
      ...timeOf(atMs),
    }),
  ];
}

const timeOf = (atMs: number | null): { at?: number } => (atMs === null ? {} : { at: atMs });

function usageMessages(usages: readonly UsageMessage[]): NativeMessage[] {
  const messages: NativeMessage[] = [];
  let part: string[] = [];
  let bytes = 2;
  const close = (): void => {
    if (part.length > 0) messages.push({ channel: 'usage', payload: Buffer.from(`[${part.join(',')}]`) });
    [part, bytes] = [[], 2];
  };
  for (const usage of usages) {
    const text = JSON.stringify(usage);
    const size = Buffer.byteLength(text) + 1;
    if (part.length === MAX_USAGES_PER_MESSAGE || bytes + size > MAX_PAYLOAD_BYTES) close();
    part.push(text);
    bytes += size;
  }
  close();
  return messages;
}

function write(channel: UpwardChannel, content: object): NativeMessage {
  return { channel, payload: Buffer.from(JSON.stringify(content)) };
}
