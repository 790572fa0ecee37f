import { describe, expect, it } from 'vitest';
import { assertNoOverlap, countsInBenefit, planPlacement, planSwap, PURPOSES, seriesOf } from './placement.js';

const from = new Date('2026-05-01T08:00:00Z');
const later = new Date('2026-06-01T08:00:00Z');

describe('planning a placement', () => {
  it('fills in what was left out', () => {
    expect(planPlacement({ from, purpose: 'operation' })).toEqual({
      from,
      to: null,
      purpose: 'operation',
      arm: null,
      trialId: null,
    });
  });

  it.each([
    [{ from, to: from, purpose: 'operation' }, 'placement_times'],
    [{ from: later, to: from, purpose: 'operation' }, 'placement_times'],
    [{ from, purpose: 'trial' }, 'placement_needs_trial'],
    [{ from, purpose: 'baseline' }, 'placement_needs_trial'],
    [{ from, purpose: 'operation', arm: 'comparator' }, 'placement_arm_not_allowed'],
    [{ from, purpose: 'test', arm: 'intervention' }, 'placement_arm_not_allowed'],
    [{ from, purpose: 'operation', trialId: 't' }, 'placement_takes_no_trial'],
  ] as const)('refuses %o as %s', (plan, code) => {
    expect(() => planPlacement(plan)).toThrow(expect.objectContaining({ code }));
  });

  it.each(['trial', 'baseline'] as const)('takes an arm in a %s placement (rule U9)', (purpose) => {
    expect(planPlacement({ from, purpose, trialId: 't', arm: 'comparator' }).arm).toBe('comparator');
  });

  it('refuses two places at once, not one after the other', () => {
    expect(() => assertNoOverlap({ from: later, to: null }, [{ from, to: later }])).not.toThrow();
    expect(() => assertNoOverlap({ from: later, to: null }, [{ from, to: null }])).toThrow(
      expect.objectContaining({ code: 'placement_overlaps' }),
    );
  });
});

describe('what counts in a benefit (rule U9)', () => {
  it('leaves test usage out, and simulated usage outside a demo root', () => {
    const counted = (simulated: boolean, demo: boolean) =>
      PURPOSES.filter((purpose) => countsInBenefit({ purpose, simulated, demo }));
    expect(counted(false, false)).toEqual(['baseline', 'trial', 'operation']);
    expect(counted(true, false)).toEqual([]);
    expect(counted(true, true)).toEqual(['baseline', 'trial', 'operation']);
  });
});

describe('a swap (rule U10)', () => {
  const outgoing = planPlacement({ from, purpose: 'trial', trialId: 't', arm: 'intervention' });

  it('goes on without a gap with the same terms', () => {
    expect(planSwap(outgoing, later)).toEqual({ closedAt: later, opened: { ...outgoing, from: later, to: null } });
  });

  it.each([
    ['has ended', { ...outgoing, to: later }, new Date('2026-07-01T00:00:00Z')],
    ['starts then', outgoing, from],
  ])('is refused when the placement %s', (_why, placement, at) => {
    expect(() => planSwap(placement, at)).toThrow(expect.objectContaining({ code: 'swap_not_possible' }));
  });

  it('keeps one series through any number of swaps', () => {
    const series = seriesOf([
      { id: 'c', replacesId: 'b' },
      { id: 'a', replacesId: null },
      { id: 'b', replacesId: 'a' },
      { id: 'd', replacesId: null },
      { id: 'f', replacesId: 'e' }, // e is outside the list
    ]);
    expect(Object.fromEntries(series)).toEqual({ a: 'a', b: 'a', c: 'a', d: 'd', f: 'e' });
  });
});
