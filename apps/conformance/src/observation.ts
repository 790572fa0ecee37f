import type { FamilyCode } from '#domain';
import { createHash } from 'node:crypto';

/** When it happened by the kit's clock, and on which network connection, counted from 1. */
interface Seen {
  readonly atMs: number;
  readonly connection: number;
}

/** A last will as the device announced it; the payload in base64. */
export interface Will {
  readonly topic: string;
  readonly payload: string;
  readonly qos: number;
  readonly retain: boolean;
}

/** A CONNECT and what the kit made of it. */
export interface ConnectSeen extends Seen {
  readonly kind: 'connect';
  readonly outcome: 'accepted' | 'wrong_protocol' | 'wrong_credentials' | 'no_client_id';
  readonly protocolVersion: number;
  readonly clientId: string;
  readonly clean: boolean;
  readonly keepaliveSeconds: number;
  readonly username: string | null;
  readonly will: Will | null;
}

/** The end of a connection, and who ended it. */
export interface LeaveSeen extends Seen {
  readonly kind: 'leave';
  readonly by: 'device' | 'kit';
}

/** A PUBLISH, payload in base64. A withheld one got no acknowledgement and lost its connection, on purpose. */
export interface PublishSeen extends Seen {
  readonly kind: 'publish';
  readonly topic: string;
  readonly qos: number;
  readonly retain: boolean;
  readonly dup: boolean;
  readonly messageId: number | null;
  readonly payload: string;
  readonly answer: 'acknowledged' | 'withheld';
}

/** A topic filter of a SUBSCRIBE. */
export interface SubscribeSeen extends Seen {
  readonly kind: 'subscribe';
  readonly filter: string;
  readonly qos: number;
  readonly isGranted: boolean;
}

/** The kit began or ceased to refuse connections. */
export interface PauseSeen extends Seen {
  readonly kind: 'pause_began' | 'pause_ended';
}

/** The kit sent the device a command. */
export interface CommandSeen extends Seen {
  readonly kind: 'command';
  readonly commandId: string;
}

export type Observation = ConnectSeen | LeaveSeen | PublishSeen | SubscribeSeen | PauseSeen | CommandSeen;

/** A watched device: all that the judge knows. */
export interface Run {
  readonly family: FamilyCode;
  readonly deviceId: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly observations: readonly Observation[];
}

/** The observations as text, one JSON object a line: what {@link hashOf} is the hash of. */
export function logOf(observations: readonly Observation[]): string {
  return observations.map((one) => `${JSON.stringify(one)}\n`).join('');
}

/** SHA-256 of the log in hex. */
export function hashOf(observations: readonly Observation[]): string {
  return createHash('sha256').update(logOf(observations)).digest('hex');
}
