import type { UpwardChannel } from '#contracts';
import type { Session } from './connections.js';

/** A message of a logged-in device, wherever it was read. `done` without an error acknowledges it, with one it ends the connection. */
export interface Publication {
  readonly session: Session;
  /** The session's name, unique over all devices. */
  readonly clientName: string;
  /** What the topic is for; null when it is not the device's own. */
  readonly channel: UpwardChannel | 'response' | null;
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1 | 2;
  readonly isRedelivery: boolean;
  /** Undefined at QoS 0. */
  readonly messageId: number | undefined;
  /** Lets the message through to subscribers and, if it asks for it, the retained messages; called before `done`. */
  forward(isRetained: boolean): void;
  readonly done: (error?: Error) => void;
}
