import { RuleViolation } from './errors.js';

/** Where a device stands in its life. */
export const DEVICE_LIFECYCLES = ['ordered', 'in_stock', 'on_loan', 'in_use', 'in_repair', 'lost', 'retired'] as const;

export type DeviceLifecycle = (typeof DEVICE_LIFECYCLES)[number];

const NEXT_LIFECYCLES: Readonly<Record<DeviceLifecycle, readonly DeviceLifecycle[]>> = {
  ordered: ['in_stock', 'retired'], // retired: the order was cancelled
  in_stock: ['on_loan', 'in_use', 'in_repair', 'lost', 'retired'],
  on_loan: ['in_stock', 'in_use', 'in_repair', 'lost', 'retired'],
  in_use: ['in_stock', 'on_loan', 'in_repair', 'lost', 'retired'],
  in_repair: ['in_stock', 'on_loan', 'in_use', 'lost', 'retired'],
  lost: ['in_stock', 'in_repair', 'retired'], // found again: checked in before it is used again
  retired: [], // its credentials are gone; a device taken back is registered anew
};

/** The lifecycles that a device may move to next. */
export function nextLifecycles(from: DeviceLifecycle): readonly DeviceLifecycle[] {
  return NEXT_LIFECYCLES[from];
}

/** Returns `to`, or throws `lifecycle_not_reachable` naming the allowed ones; staying put is no move. */
export function moveDevice(from: DeviceLifecycle, to: DeviceLifecycle): DeviceLifecycle {
  const allowed = NEXT_LIFECYCLES[from];
  if (allowed.includes(to)) return to;
  const mend = allowed.length > 0 ? `choose one of ${allowed.join(', ')}` : 'register the device anew';
  throw new RuleViolation('lifecycle_not_reachable', `A device cannot go from ${from} to ${to}: ${mend}.`, {
    from,
    to,
    allowed,
  });
}

/** Whether messages of a device are taken. A retired one's are rejected (`device_retired`); all others' are kept. */
export function maySpeak(lifecycle: DeviceLifecycle): boolean {
  return lifecycle !== 'retired';
}

/** Whether a message from the device raises an alarm: it was thought lost (rule U8). */
export function isAlarmingWhenSpeaking(lifecycle: DeviceLifecycle): boolean {
  return lifecycle === 'lost';
}

export const REPORTING_STATES = ['reporting', 'silent', 'never_seen'] as const;

export type ReportingState = (typeof REPORTING_STATES)[number];

/** Two facts that are never merged into one lamp (telemetry.md §3). */
export interface DeviceSignal {
  readonly connected: boolean;
  readonly reporting: ReportingState;
}

/** What is known of a device's signs of life at `now`. */
export interface SignalFacts {
  readonly connected: boolean;
  readonly lastSignalAt: Date | null;
  readonly now: Date;
  readonly expectedIntervalSeconds: number;
  readonly tolerance: number;
}

/** Reporting = a message within `expectedIntervalSeconds × tolerance` before `now`, the limit itself included. */
export function signalOf(facts: SignalFacts): DeviceSignal {
  return { connected: facts.connected, reporting: reportingOf(facts) };
}

function reportingOf(facts: SignalFacts): ReportingState {
  if (facts.lastSignalAt === null) return 'never_seen';
  const ageMs = facts.now.getTime() - facts.lastSignalAt.getTime();
  return ageMs <= facts.expectedIntervalSeconds * facts.tolerance * 1000 ? 'reporting' : 'silent';
}
