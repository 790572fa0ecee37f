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

export const REPORTING_STATES = ['reporting', 'silent', 'never_seen'] as const;

export type ReportingState = (typeof REPORTING_STATES)[number];

/** What a device last said of itself; `lost` is its last will: the broker's word for a connection that broke. */
export type ToldState = 'online' | 'offline' | 'sleeping' | 'lost';

/**
 * Whether a device holds a connection, and if not, how it went: *asleep* or *left* by its own word, *cut* when the
 * connection broke, *away* when nothing is known of it.
 */
export const CONNECTIONS = ['connected', 'asleep', 'left', 'cut', 'away'] as const;

export type Connection = (typeof CONNECTIONS)[number];

/** Two facts that are never merged into one lamp (telemetry.md §3); `never_seen` is the third. */
export interface DeviceSignal {
  readonly connection: Connection;
  readonly reporting: ReportingState;
}

/** When a device was last heard: by its own clock, by ours, and how far its clock goes behind ours. */
export interface LastHeard {
  readonly lastSignalAt: Date | null;
  readonly lastReceivedAt: Date | null;
  /** Time of receipt minus device time, in milliseconds; null when it was never measured. */
  readonly clockSkewMs: number | null;
}

/** What is known of a device's signs of life at `now`. */
export interface SignalFacts extends LastHeard {
  readonly connected: boolean;
  readonly state: ToldState | null;
  readonly now: Date;
  readonly expectedIntervalSeconds: number;
  readonly tolerance: number;
}

/**
 * The two facts, each from its own source. A device that sleeps or leaves is at once not connected, and goes on
 * *reporting* until `expectedIntervalSeconds × tolerance` have passed since it was heard, that limit included.
 */
export function signalOf(facts: SignalFacts): DeviceSignal {
  return { connection: connectionOf(facts), reporting: reportingOf(facts) };
}

const WENT: Readonly<Record<ToldState, Connection>> = {
  online: 'away', // said while it was there, and then nothing more
  offline: 'left',
  sleeping: 'asleep',
  lost: 'cut',
};

function connectionOf({ connected, state }: SignalFacts): Connection {
  if (connected) return 'connected';
  return state === null ? 'away' : WENT[state];
}

function reportingOf(facts: SignalFacts): ReportingState {
  const heardAt = heardAtMs(facts);
  if (heardAt === null) return 'never_seen';
  return facts.now.getTime() - heardAt <= patienceMs(facts) ? 'reporting' : 'silent';
}

/** How long a device may say nothing before it counts as silent, in milliseconds. */
export const patienceMs = (facts: Pick<SignalFacts, 'expectedIntervalSeconds' | 'tolerance'>): number =>
  facts.expectedIntervalSeconds * facts.tolerance * 1000;

/** A clock in the wrong zone goes at most 14 h behind; what is older than that when it comes is old, not misdated. */
export const WRONG_ZONE_MS = 14 * 3_600_000;

/**
 * When a device was last heard by our clock, in milliseconds: its own time, moved by as much as its clock goes behind
 * when it is that of another zone, so that a wrong clock is not taken for silence. Never after the last receipt.
 */
export function heardAtMs({ lastSignalAt, lastReceivedAt, clockSkewMs }: LastHeard): number | null {
  if (lastSignalAt === null) return null;
  const own = lastSignalAt.getTime();
  const behind = clockSkewMs !== null && clockSkewMs > 0 && clockSkewMs <= WRONG_ZONE_MS ? clockSkewMs : 0;
  return Math.max(own, Math.min(own + behind, lastReceivedAt?.getTime() ?? own));
}

export const BATTERY_LEVELS = ['good', 'low', 'critical'] as const;

export type BatteryLevel = (typeof BATTERY_LEVELS)[number];

/** What a battery's last reading is judged by: its family's thresholds in percent, which a mains family has none of. */
export interface BatteryFacts {
  readonly percent: number | null;
  readonly readAt: Date | null;
  readonly now: Date;
  readonly expectedIntervalSeconds: number;
  readonly tolerance: number;
  readonly batteryLowPercent?: number;
  readonly batteryCriticalPercent?: number;
}

/** `level` null: no reading, or no thresholds to judge it by. `isOld`: it may be another by now. */
export interface BatteryState {
  readonly level: BatteryLevel | null;
  readonly isOld: boolean;
}

const DAY_MS = 86_400_000;

/** A reading is old after a day (assumption), or after the device's patience where that is longer. */
export function batteryOf(facts: BatteryFacts): BatteryState {
  const ageMs = facts.readAt === null ? 0 : facts.now.getTime() - facts.readAt.getTime();
  return { level: levelOf(facts), isOld: ageMs > Math.max(DAY_MS, patienceMs(facts)) };
}

function levelOf({ percent, batteryLowPercent, batteryCriticalPercent }: BatteryFacts): BatteryLevel | null {
  if (percent === null || batteryLowPercent === undefined) return null;
  if (percent < (batteryCriticalPercent ?? 0)) return 'critical';
  return percent < batteryLowPercent ? 'low' : 'good';
}

/** A clock may go wrong by so much before it is called wrong: usage then soon falls into the wrong hour. Assumption. */
export const CLOCK_TOLERANCE_MS = 120_000;

export const CLOCK_STATES = ['right', 'behind', 'ahead'] as const;

export type ClockState = (typeof CLOCK_STATES)[number];

/** How a device's clock goes, by its measured skew in milliseconds (time of receipt minus device time), and by how much. */
export function clockOf(skewMs: number): { readonly clock: ClockState; readonly byMs: number } {
  const byMs = Math.abs(skewMs);
  if (byMs <= CLOCK_TOLERANCE_MS) return { clock: 'right', byMs };
  return { clock: skewMs > 0 ? 'behind' : 'ahead', byMs };
}
