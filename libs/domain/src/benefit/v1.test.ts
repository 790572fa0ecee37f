import { describe, expect, it } from 'vitest';
import { KEYLESS_LOCK } from '../families/keyless-lock.js';
import {
  appraise,
  bcr,
  breakEvenUse,
  cautiousOre,
  discountedPayback,
  effectOf,
  hourlyCostOre,
  npvOre,
  payback,
  pert,
  realisationRate,
  realisedOre,
  roi,
  valueUnits,
  type YearlyFlow,
} from './v1.js';

const kr = (kronor: number) => Math.round(kronor * 100);

/** An investment at year 0 and the same cost and benefit at the end of each of four years, in kronor. */
const even = (investment: number, cost: number, benefit: number): YearlyFlow[] => [
  { year: 0, costOre: kr(investment), benefitOre: 0 },
  ...Array.from({ length: 4 }, (_, index) => ({ year: index + 1, costOre: kr(cost), benefitOre: kr(benefit) })),
];

describe('valuing use (rule B9)', () => {
  const rule = KEYLESS_LOCK.defaultRule;

  it('reads like the preview: 312 qualify, 3 failed → 881 kr', () => {
    expect(valueUnits(rule, { qualifying: 312, failures: 3 })).toEqual({
      qualifying: 312,
      counted: 93.6, // 312 × 0.3
      grossHours: 3.12, // 93.6 × 2 min / 60
      addedWorkHours: 0,
      failureHours: 0.5, // 3 × 10 min / 60
      netHours: 2.62,
      potentialOre: 88_084, // 2.62 h × 336.20 kr = 880.844 kr
    });
  });

  it('shows a negative potential (rule B3)', () => {
    // 10 × 0.3 × 2 min − 6 × 10 min = −54 min = −0.9 h × 336.20 kr = −302.58 kr
    expect(valueUnits(rule, { qualifying: 10, failures: 6 })).toMatchObject({ netHours: -0.9, potentialOre: -30_258 });
  });

  it('takes added work at every qualifying use, not only at the share', () => {
    const withWork = { ...rule, addedWorkMinutesPerUnit: 0.5 };
    // 100 × 0.3 × 2 = 60 min − 100 × 0.5 = 50 min → 10 min
    expect(valueUnits(withWork, { qualifying: 100, failures: 0 })).toMatchObject({
      addedWorkHours: 0.833333333333,
      netHours: 0.166666666667,
      potentialOre: 5603, // 10/60 × 33 620 = 5 603.33, not 0.166666666667 × 33 620 rounded twice
    });
  });

  it('makes nothing of nothing', () => {
    expect(valueUnits(rule, { qualifying: 0, failures: 0 })).toMatchObject({ netHours: 0, potentialOre: 0 });
  });

  it('costs an hour at 31 000 kr a month 336.20 kr', () => {
    expect(hourlyCostOre(kr(31_000))).toBe(33_620); // 3 100 000 / 142 × 1.54 = 33 619.72
  });
});

describe('realised benefit (rule B3)', () => {
  it.each([
    [500, 800, 500],
    [900, 800, 800],
    [-5, 800, 0],
    [500, -800, 0],
    [0, 0, 0],
  ])('confirmed %d of potential %d is %d', (confirmed, potential, realised) => {
    expect(realisedOre(confirmed, potential)).toBe(realised);
  });

  it('is a share of the plan, or has no plan (rule B8)', () => {
    expect(realisationRate(kr(37_500), kr(60_000))).toEqual({ kind: 'value', value: 0.625 });
    expect(realisationRate(kr(37_500), 0)).toEqual({ kind: 'no_plan' });
  });
});

describe('break-even use (rule B7)', () => {
  const terms = { monthlyCostOre: kr(500), minutesPerUnit: 2, hourlyCostOre: 33_620 };

  it.each([
    [1, 44.6], // 500 / (2/60 × 336.20)
    [0.3, 148.7],
  ])('at share %d is %d uses a month', (counterfactualShare, uses) => {
    const result = breakEvenUse({ ...terms, counterfactualShare });
    expect(result).toEqual({ kind: 'value', usesPerMonth: expect.closeTo(uses, 1) as number });
  });

  it('takes added work and failures off each use', () => {
    // 1 × 2 − 0.5 − 0.05 × 10 = 1 min → 500 / (1/60 × 336.20) = 89.23
    const costs = { addedWorkMinutesPerUnit: 0.5, failuresPerUse: 0.05, failureMinutes: 10 };
    const result = breakEvenUse({ ...terms, ...costs, counterfactualShare: 1 });
    expect(result).toEqual({ kind: 'value', usesPerMonth: expect.closeTo(89.23, 2) as number });
  });

  it('does not exist where a use gives nothing', () => {
    expect(breakEvenUse({ ...terms, counterfactualShare: 0 })).toEqual({ kind: 'no_break_even' });
    expect(breakEvenUse({ ...terms, counterfactualShare: 1, addedWorkMinutesPerUnit: 3 })).toEqual({
      kind: 'no_break_even',
    });
  });
});

describe('net present value and payback (rule B6)', () => {
  const flows = even(120_000, 0, 60_000);

  it('computes the check values', () => {
    expect(npvOre(flows, 0.03)).toBe(10_302_590); // −120 000 + 60 000 × 3.717098 = 103 025.90 kr
    expect(payback(flows)).toEqual({ kind: 'paid_back', years: 2 });
    const discounted = discountedPayback(flows, 0.03);
    expect(discounted).toEqual({ kind: 'paid_back', years: expect.closeTo(2.0946, 4) as number });
  });

  it('does not depend on the order of the years', () => {
    expect(npvOre([...flows].reverse(), 0.03)).toBe(10_302_590);
    expect(payback([...flows].reverse())).toEqual({ kind: 'paid_back', years: 2 });
  });

  it('names what is not paid back within the horizon (rule B8)', () => {
    expect(payback(even(120_000, 0, 20_000))).toEqual({ kind: 'not_paid_back', horizonYears: 4 });
    expect(discountedPayback(even(120_000, 0, 30_000), 0.03)).toEqual({ kind: 'not_paid_back', horizonYears: 4 });
    expect(payback(even(120_000, 0, 30_000))).toEqual({ kind: 'paid_back', years: 4 }); // at the very end
  });

  it('counts from the first outlay, not from an empty year before it', () => {
    const late = [
      { year: 0, costOre: 0, benefitOre: 0 },
      { year: 1, costOre: 100, benefitOre: 20 },
      { year: 2, costOre: 0, benefitOre: 100 },
    ];
    expect(payback(late)).toEqual({ kind: 'paid_back', years: 1.8 }); // −80 after year 1, 80 of 100 in year 2
  });

  it('pays back at once what costs nothing', () => {
    expect(payback(even(0, 0, 10))).toEqual({ kind: 'paid_back', years: 0 });
  });

  it('computes benefit–cost ratio and return', () => {
    const running = even(120_000, 30_000, 90_000);
    expect(bcr(running, 0.03)).toEqual({ kind: 'value', value: expect.closeTo(1.445, 3) as number });
    expect(roi(running)).toEqual({ kind: 'value', value: 0.5 }); // (360 000 − 240 000) / 240 000
    expect(roi(running, 0.03)).toEqual({ kind: 'value', value: expect.closeTo(0.445, 3) as number });
  });

  it('has no ratio without a cost (rule B8)', () => {
    expect(bcr(even(0, 0, 10), 0.03)).toEqual({ kind: 'no_cost' });
    expect(roi([])).toEqual({ kind: 'no_cost' });
  });

  it.each([-1, 3, Number.NaN])('refuses a rate of %d', (rate) => {
    expect(() => npvOre(flows, rate)).toThrow(expect.objectContaining({ code: 'rate_out_of_range' }));
  });
});

describe('two appraisals, never merged (rule B1)', () => {
  const plan = {
    investmentOn: '2026-01-01',
    horizonYears: 4,
    costLines: [
      { kind: 'one_off', category: 'financial', amountOre: kr(120_000), startsOn: '2026-01-01' },
      { kind: 'one_off', category: 'redistribution', amountOre: kr(10_000), startsOn: '2026-01-01' },
    ],
    benefitLines: [
      { category: 'financial', monthlyOre: kr(5000), startsOn: '2026-01-01' },
      { category: 'redistribution', monthlyOre: kr(1000), startsOn: '2026-01-01' },
      { category: 'quality', monthlyOre: kr(9000), startsOn: '2026-01-01' },
    ],
  } as const;

  it('leaves redistribution out of the headline and quality out of both', () => {
    const { financialOnly, includingRedistribution } = appraise(plan);
    expect(financialOnly.npvOre).toBe(10_302_590);
    expect(financialOnly.roi).toEqual({ kind: 'value', value: 1 }); // (240 000 − 120 000) / 120 000
    expect(includingRedistribution.flows[0]?.costOre).toBe(kr(130_000));
    expect(includingRedistribution.flows[1]?.benefitOre).toBe(kr(72_000)); // 12 × (5 000 + 1 000)
  });
});

describe('estimates', () => {
  it('weighs three points', () => {
    expect(pert({ low: 2, likely: 5, high: 14 })).toBe(6); // (2 + 20 + 14) / 6
    expect(() => pert({ low: 6, likely: 5, high: 14 })).toThrow(expect.objectContaining({ code: 'estimate_order' }));
  });

  it.each([
    ['green', 101],
    ['yellow', 71], // 70.7
    ['red', 30], // 30.3
  ] as const)('cuts 101 öre of a %s line to %d in the cautious figure', (certainty, cautious) => {
    expect(cautiousOre(101, certainty)).toBe(cautious);
  });

  it('takes the comparator’s change off the trial’s', () => {
    expect(effectOf({ pre: 0.1, post: 0.4 })).toBe(0.3); // floating point says 0.30000000000000004
    expect(effectOf({ pre: 10, post: 16 }, { pre: 10, post: 12 })).toBe(4); // 6 − 2
  });
});
