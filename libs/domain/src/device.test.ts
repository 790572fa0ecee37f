import { describe, expect, it } from 'vitest';
import {
  DEVICE_LIFECYCLES,
  isAlarmingWhenSpeaking,
  maySpeak,
  moveDevice,
  nextLifecycles,
  signalOf,
  type DeviceLifecycle,
} from './device.js';

describe('a device’s life', () => {
  it.each<[DeviceLifecycle, DeviceLifecycle[]]>([
    ['ordered', ['in_stock', 'retired']],
    ['in_stock', ['on_loan', 'in_use', 'in_repair', 'lost', 'retired']],
    ['on_loan', ['in_stock', 'in_use', 'in_repair', 'lost', 'retired']],
    ['in_use', ['in_stock', 'on_loan', 'in_repair', 'lost', 'retired']],
    ['in_repair', ['in_stock', 'on_loan', 'in_use', 'lost', 'retired']],
    ['lost', ['in_stock', 'in_repair', 'retired']],
    ['retired', []],
  ])('goes from %s to %j and nowhere else', (from, allowed) => {
    expect(nextLifecycles(from)).toEqual(allowed);
    for (const to of DEVICE_LIFECYCLES) {
      if (allowed.includes(to)) expect(moveDevice(from, to)).toBe(to);
      else expect(() => moveDevice(from, to)).toThrow(expect.objectContaining({ code: 'lifecycle_not_reachable' }));
    }
  });

  it('ends the right to speak when retired', () => {
    expect(DEVICE_LIFECYCLES.filter((lifecycle) => !maySpeak(lifecycle))).toEqual(['retired']);
  });

  it('takes what a lost device says and raises an alarm (rule U8)', () => {
    expect(maySpeak('lost')).toBe(true);
    expect(DEVICE_LIFECYCLES.filter(isAlarmingWhenSpeaking)).toEqual(['lost']);
  });
});

describe('a device’s signal (telemetry.md §3)', () => {
  const now = new Date('2026-11-22T12:00:00Z');
  const limits = { now, expectedIntervalSeconds: 300, tolerance: 3 }; // silent after 900 s

  it.each([
    [true, '2026-11-22T11:45:00Z', 'reporting'],
    [false, '2026-11-22T11:45:00Z', 'reporting'],
    [true, '2026-11-22T11:44:59.999Z', 'silent'],
    [false, '2026-11-22T12:00:01Z', 'reporting'],
  ] as const)('connected %s and last heard %s is %s', (connected, last, reporting) => {
    expect(signalOf({ ...limits, connected, lastSignalAt: new Date(last) })).toEqual({ connected, reporting });
  });

  it.each([true, false])('keeps never seen apart from silent, connected %s', (connected) => {
    expect(signalOf({ ...limits, connected, lastSignalAt: null })).toEqual({ connected, reporting: 'never_seen' });
  });
});
