import type { SignalView } from '#contracts';
import { batteryOf, FAMILIES, type FamilyCode, type LastHeard, signalOf, type ToldState } from '#domain';

/** What is last known of a device, as the queries of live pages read it. */
export interface SignalRow extends HeardRow {
  battery: number | null;
  batteryAt: Date | null;
  firmware: string | null;
  clockSkewAt: Date | null;
  repeatsNotDetectable: boolean;
  idsRepeat: boolean;
}

/** What tells whether it is there and whether it reports. */
export interface HeardRow extends LastHeard {
  family: FamilyCode;
  /** Null: its family's. */
  expectedIntervalSeconds: number | null;
  connected: boolean;
  state: ToldState | null;
}

/** A device's own expected interval, or its family's, with how long it is tolerated. */
const rhythmOf = ({ family, expectedIntervalSeconds }: HeardRow) => ({
  expectedIntervalSeconds: expectedIntervalSeconds ?? FAMILIES[family].expectedIntervalSeconds,
  tolerance: FAMILIES[family].tolerance,
});

/** Connected and reporting at `now`. */
export function signalAt(row: HeardRow, now: Date): Pick<SignalView, 'connected' | 'connection' | 'reporting'> {
  return { connected: row.connected, ...signalOf({ ...row, ...rhythmOf(row), now }) };
}

function batteryAt(row: SignalRow, now: Date): Pick<SignalView, 'power' | 'batteryLevel' | 'isBatteryOld'> {
  const family = FAMILIES[row.family];
  const facts = { ...family, ...rhythmOf(row), percent: row.battery, readAt: row.batteryAt, now };
  const { level, isOld } = batteryOf(facts);
  return { power: family.power, batteryLevel: level, isBatteryOld: isOld };
}

export const signalView = (row: SignalRow, now: Date): SignalView => ({
  ...signalAt(row, now),
  ...batteryAt(row, now),
  lastSignalAt: row.lastSignalAt?.toISOString() ?? null,
  lastReceivedAt: row.lastReceivedAt?.toISOString() ?? null,
  battery: row.battery,
  batteryAt: row.batteryAt?.toISOString() ?? null,
  firmware: row.firmware,
  clockSkewMs: row.clockSkewMs,
  clockSkewAt: row.clockSkewAt?.toISOString() ?? null,
  repeatsNotDetectable: row.repeatsNotDetectable,
  idsRepeat: row.idsRepeat,
});
