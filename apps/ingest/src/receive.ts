import type { UpwardChannel } from '#contracts';
import { maySpeak } from '#domain';
import {
  decodeHealth,
  decodeState,
  decodeUsage,
  isRejection,
  reject,
  type Rejection,
  type TimeWindow,
} from '#telemetry';
import type { Device } from './custody.js';
import type { Entry } from './record/entry.js';

/** A message as the broker got it; `channel` is null when the topic is not the device's to publish on. */
export interface Received {
  readonly device: Device;
  readonly channel: UpwardChannel | null;
  readonly clientName: string;
  readonly topic: string;
  readonly payload: Buffer;
  readonly receiptName: string;
  readonly window: TimeWindow;
}

/** The entry of a message, its `done` apart. Pure: what cannot be taken becomes a rejection. */
export type Decoded = Omit<Entry, 'done'>;

/** Decodes a message by its channel. */
export function receive(received: Received): Decoded {
  if (!maySpeak(received.device.lifecycle)) {
    return rejected(received, reject('device_retired', 'the device is retired: register it anew to use it again'));
  }
  switch (received.channel) {
    case 'usage':
      return receiveUsage(received);
    case 'state': {
      const state = decodeState(received.payload, received.window);
      return isRejection(state) ? rejected(received, state) : { ...emptyEntry(received), state };
    }
    case 'health': {
      const health = decodeHealth(received.payload, received.window);
      return isRejection(health) ? rejected(received, health) : { ...emptyEntry(received), health };
    }
    case null:
      return rejected(received, reject('topic_not_allowed', 'a device publishes on its own topics only'));
  }
}

function receiveUsage(received: Received): Decoded {
  const { topic, payload, receiptName, device } = received;
  const decoded = decodeUsage({ topic, payload, receiptName, family: device.family });
  return { ...emptyEntry(received), ...decoded };
}

/** The entry of a message that is refused as a whole. */
export function rejected(received: Received, rejection: Rejection): Decoded {
  return { ...emptyEntry(received), rejections: [rejection] };
}

function emptyEntry({ device, clientName, topic, payload, window }: Received): Decoded {
  const nothing = { state: null, health: null, droppedAttributes: 0, repeatsNotDetectable: false };
  const { receivedAtMs } = window;
  return { device, clientName, topic, payload, receivedAtMs, drafts: [], rejections: [], ...nothing };
}
