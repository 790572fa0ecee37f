import type { HealthReport, Rejection, StateReport, UsageDraft } from '#telemetry';
import type { Device } from '../custody.js';

/** One message on its way to the database; `done` is called once, after the commit or with what went wrong. */
export interface Entry {
  /** Null for an unknown device, whose entry holds rejections only. */
  readonly device: Device | null;
  readonly clientName: string;
  readonly topic: string;
  readonly payload: Buffer;
  readonly receivedAtMs: number;
  readonly drafts: readonly UsageDraft[];
  readonly rejections: Rejection[];
  readonly state: StateReport | null;
  readonly health: HealthReport | null;
  readonly droppedAttributes: number;
  readonly repeatsNotDetectable: boolean;
  done: (error?: Error) => void;
  /** Absent when a device has just sent the message itself. */
  readonly origin?: Origin;
}

/** Where an entry comes from that no device has just sent. */
export interface Origin {
  /** A person entered it: no sign of life of the device. */
  readonly isByHand: boolean;
  /** What is refused again stands at the reject that was replayed, and is no reject of its own. */
  readonly isReplay: boolean;
  /** Filled by the committer with what is refused, before `done`. */
  readonly refusals: Rejection[];
}
