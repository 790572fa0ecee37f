import { describe, expect, test } from 'vitest';
import { type Flight, flyOn, type Probe, TAKING_OFF } from './flight.js';

const at = new Date('2026-05-01T10:00:00Z');
const came: Probe = { at, ackMs: 12, rowMs: 15 };
const cameLate: Probe = { at, ackMs: 12, rowMs: 5_001 };
const stateAfter = (...probes: Probe[]): Flight['state'] => probes.reduce(flyOn, TAKING_OFF).state;

describe('a canary', () => {
  test.each<[string, Probe[], string]>([
    ['comes through', [came], 'ok'],
    ['comes after five seconds', [cameLate], 'late'],
    ['is missed once', [came, 'missed'], 'late'],
    ['is missed twice', [came, 'missed', 'missed'], 'silent'],
    ['never came', ['missed', 'missed'], 'silent'],
    ['is missed now and then', ['missed', came, 'missed'], 'late'],
    ['is back', ['missed', 'missed', 'missed', came], 'ok'],
    ['is back, slowly', ['missed', 'missed', cameLate], 'late'],
  ])('that %s', (_what, probes, state) => expect(stateAfter(...probes)).toBe(state));

  test('keeps what it last knew while it is missed', () => {
    expect([came, 'missed' as const].reduce(flyOn, TAKING_OFF)).toEqual({
      state: 'late',
      lastOkAt: at,
      ackMs: 12,
      rowMs: 15,
      misses: 1,
    });
  });
});
