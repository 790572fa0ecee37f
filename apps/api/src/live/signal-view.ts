import type { SignalView } from '#contracts';
import { FAMILIES, type FamilyCode, signalOf } from '#domain';

/** What is last known of a device, as the queries of live pages read it. */
export interface SignalRow {
  family: FamilyCode;
  expectedIntervalSeconds: number | null;
  connected: boolean;
  lastSignalAt: Date | null;
  lastReceivedAt: Date | null;
  battery: number | null;
  batteryAt: Date | null;
  firmware: string | null;
  clockSkewMs: number | null;
  repeatsNotDetectable: boolean;
  idsRepeat: boolean;
}

/** Connected and reporting at `now`, by the device's own expected interval or its family's. */
export function signalAt(
  row: Pick<SignalRow, 'family' | 'expectedIntervalSeconds' | 'connected' | 'lastSignalAt'>,
  now: Date,
): Pick<SignalView, 'connected' | 'reporting'> {
  const { expectedIntervalSeconds, tolerance } = FAMILIES[row.family];
  return signalOf({
    connected: row.connected,
    lastSignalAt: row.lastSignalAt,
    now,
    expectedIntervalSeconds: row.expectedIntervalSeconds ?? expectedIntervalSeconds,
    tolerance,
  });
}

export const signalView = (row: SignalRow, now: Date): SignalView => ({
  ...signalAt(row, now),
  lastSignalAt: row.lastSignalAt?.toISOString() ?? null,
  lastReceivedAt: row.lastReceivedAt?.toISOString() ?? null,
  battery: row.battery,
  batteryAt: row.batteryAt?.toISOString() ?? null,
  firmware: row.firmware,
  clockSkewMs: row.clockSkewMs,
  repeatsNotDetectable: row.repeatsNotDetectable,
  idsRepeat: row.idsRepeat,
});
