import { describe, expect, it } from 'vitest';
import { FAMILIES, type Family } from './families/index.js';
import {
  batteryOf,
  clockOf,
  DEVICE_LIFECYCLES,
  maySpeak,
  moveDevice,
  nextLifecycles,
  signalOf,
  type DeviceLifecycle,
  type SignalFacts,
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

  it('takes what a lost device says (rule U8)', () => {
    expect(maySpeak('lost')).toBe(true);
  });
});

const now = new Date('2026-11-22T12:00:00Z');
const ago = (seconds: number): Date => new Date(now.getTime() - seconds * 1000);
type Standing = Omit<SignalFacts, 'lastSignalAt' | 'lastReceivedAt'>;
const HEARD = { connected: true, state: null, clockSkewMs: 0, now };

describe('a device’s signal (telemetry.md §3)', () => {
  const screen: Standing = { ...HEARD, expectedIntervalSeconds: 300, tolerance: 3 }; // mains: silent after 900 s
  const lock: Standing = { ...HEARD, expectedIntervalSeconds: 3600, tolerance: 3 }; // battery: silent after 3 h
  const table: [string, Standing & { seconds: number }, [string, string]][] = [
    ['a screen on its line', { ...screen, seconds: 10 }, ['connected', 'reporting']],
    [
      'a screen that was switched off a moment ago',
      { ...screen, connected: false, state: 'offline', seconds: 2 },
      ['left', 'reporting'],
    ],
    [
      'a screen that was switched off long ago',
      { ...screen, connected: false, state: 'offline', seconds: 901 },
      ['left', 'silent'],
    ],
    [
      'a screen whose cable was pulled',
      { ...screen, connected: false, state: 'lost', seconds: 2 },
      ['cut', 'reporting'],
    ],
    [
      'a screen that holds its line and says nothing',
      { ...screen, state: 'online', seconds: 901 },
      ['connected', 'silent'],
    ],
    [
      'a lock that went to sleep',
      { ...lock, connected: false, state: 'sleeping', seconds: 2 },
      ['asleep', 'reporting'],
    ],
    [
      'a lock asleep to the last second',
      { ...lock, connected: false, state: 'sleeping', seconds: 10_800 },
      ['asleep', 'reporting'],
    ],
    ['a lock that overslept', { ...lock, connected: false, state: 'sleeping', seconds: 10_801 }, ['asleep', 'silent']],
    ['a lock awake', { ...lock, state: 'sleeping', seconds: 10 }, ['connected', 'reporting']],
    [
      'a lock that said online and is gone',
      { ...lock, connected: false, state: 'online', seconds: 10 },
      ['away', 'reporting'],
    ],
    ['a lock that has said nothing of itself', { ...lock, connected: false, seconds: 10 }, ['away', 'reporting']],
  ];

  it.each(table)('%s', (_what, { seconds, ...facts }, [connection, reporting]) => {
    const heard = { lastSignalAt: ago(seconds), lastReceivedAt: ago(seconds) };
    expect(signalOf({ ...facts, ...heard })).toEqual({ connection, reporting });
  });

  it.each([true, false])('keeps never seen apart from silent, connected %s', (connected) => {
    const heard = { lastSignalAt: null, lastReceivedAt: null };
    expect(signalOf({ ...lock, ...heard, connected }).reporting).toBe('never_seen');
  });

  it.each([
    ['its clock 5 h behind and heard just now', [18_000, 5, 18_000_000], 'reporting'],
    ['its clock 5 h behind and heard 4 h ago', [32_400, 14_400, 18_000_000], 'silent'],
    ['a right clock, and a late usage received just now', [32_400, 5, 0], 'silent'],
    ['a skew that would make it heard after it was', [18_000, 14_400, 50_000_000], 'silent'],
    ['usage of yesterday that has come now', [86_400, 5, 86_395_000], 'silent'],
  ] as const)('a lock with %s', (_what, [ownAge, receivedAge, clockSkewMs], reporting) => {
    const heard = { lastSignalAt: ago(ownAge), lastReceivedAt: ago(receivedAge), clockSkewMs };
    expect(signalOf({ ...lock, ...heard }).reporting).toBe(reporting);
  });
});

describe('a battery', () => {
  const HOUR = 3600;
  it.each<[string, { family: Family; percent: number; age: number }, [string | null, boolean]]>([
    ['a full lock', { family: FAMILIES.keyless_lock, percent: 100, age: 60 }, ['good', false]],
    ['a lock at its threshold', { family: FAMILIES.keyless_lock, percent: 15, age: 60 }, ['good', false]],
    ['a lock under it', { family: FAMILIES.keyless_lock, percent: 14, age: 60 }, ['low', false]],
    ['a robot needs care earlier', { family: FAMILIES.sleep_robot, percent: 19, age: 60 }, ['low', false]],
    ['a lock about to stop', { family: FAMILIES.keyless_lock, percent: 4, age: 60 }, ['critical', false]],
    ['a reading of a day', { family: FAMILIES.keyless_lock, percent: 80, age: 24 * HOUR }, ['good', false]],
    ['an older reading', { family: FAMILIES.keyless_lock, percent: 80, age: 24 * HOUR + 1 }, ['good', true]],
    ['a screen has no threshold', { family: FAMILIES.smart_screen, percent: 3, age: 60 }, [null, false]],
  ])('%s', (_what, { family, percent, age }, [level, isOld]) => {
    expect(batteryOf({ ...family, percent, readAt: ago(age), now })).toEqual({ level, isOld });
  });

  it('is not judged before its first reading', () => {
    expect(batteryOf({ ...FAMILIES.keyless_lock, percent: null, readAt: null, now })).toEqual({
      level: null,
      isOld: false,
    });
  });
});

describe('a clock (rule U5)', () => {
  it.each([
    [0, 'right'],
    [120_000, 'right'],
    [120_001, 'behind'],
    [-120_000, 'right'],
    [-299_000, 'ahead'],
  ])('with a skew of %d ms is %s', (skewMs, clock) => {
    expect(clockOf(skewMs)).toEqual({ clock, byMs: Math.abs(skewMs) });
  });
});
