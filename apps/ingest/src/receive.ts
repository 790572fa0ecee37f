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
  readonly channel: UpwardChannel | 'response' | null;
  readonly clientName: string;
  readonly topic: string;
  readonly payload: Buffer;
  /** Names usages without id and time (rule U1). */
  readonly receipt: { readonly name: string };
  readonly window: TimeWindow;
}

/**
 * Decodes a message by its channel; what cannot be taken becomes a rejection. Whoever waits for the entry sets its
 * `done`. Pure.
 */
export function receive(received: Received): Entry {
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
    // Nothing of it is stored; it takes its turn all the same, so that acknowledgements stay in order [MQTT-4.6.0-2].
    case 'response':
      return emptyEntry(received);
    case null:
      return rejected(received, reject('topic_not_allowed', 'a device publishes on its own topics only'));
  }
}

function receiveUsage({ device, clientName, topic, payload, receipt, window }: Received): Entry {
  const usage = decodeUsage({ topic, payload, receipt, family: device.family });
  return {
    device,
    clientName,
    topic,
    payload,
    receivedAtMs: window.receivedAtMs,
    drafts: usage.drafts,
    rejections: usage.rejections,
    state: null,
    health: null,
    droppedAttributes: usage.droppedAttributes,
    repeatsNotDetectable: usage.repeatsNotDetectable,
    done: nobodyWaits,
  };
}

const nobodyWaits = (): void => undefined;

/** The entry of a message that is refused as a whole. */
export function rejected(received: Received, rejection: Rejection): Entry {
  return { ...emptyEntry(received), rejections: [rejection] };
}

function emptyEntry({ device, clientName, topic, payload, window }: Received): Entry {
  const nothing = { state: null, health: null, droppedAttributes: 0, repeatsNotDetectable: false };
  const { receivedAtMs } = window;
  return {
    device,
    clientName,
    topic,
    payload,
    receivedAtMs,
    drafts: [],
    rejections: [],
    ...nothing,
    done: nobodyWaits,
  };
}
