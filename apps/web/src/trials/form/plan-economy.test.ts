import { FAMILIES } from '#domain';
import { describe, expect, it } from 'vitest';
import { defaultRuleOf, newBenefit, newTrial, type TrialDraft } from './drafts.js';
import { exampleMonth, planEconomy, usualEventsPerDay } from './plan-economy.js';

const LOCK = FAMILIES.keyless_lock;

describe('the example month', () => {
  it('spreads the events as the family’s rhythm does, and values them by the rule', () => {
    const month = exampleMonth(LOCK, defaultRuleOf('keyless_lock', 'sv'), 1800);
    // 1800 × 0.975 successful × 0.82 staff = 1439.1; 1800 × 0.025 × 0.82 = 36.9
    expect(month).toMatchObject({ events: 1800, qualifying: 1439, failures: 37 });
    expect(month?.countedUnits).toBeCloseTo(431.7, 6); // 1439 × 0.3
    expect(month?.netHours).toBeCloseTo(431.7 / 30 - 37 / 6, 6); // 2 min each, less 37 × 10 min
    expect(month?.potentialOre).toBe(276_468); // 8.2233 h × 336.20 kr
  });

  it('takes an unfiltered dimension as passing, and a family without effect as 0 kr', () => {
    const month = exampleMonth(FAMILIES.sleep_robot, defaultRuleOf('sleep_robot', 'en'), 42);
    expect(month).toMatchObject({ qualifying: 42, failures: 0, potentialOre: 0 });
  });

  it('waits while one of the rule’s numbers is missing', () => {
    expect(exampleMonth(LOCK, { ...defaultRuleOf('keyless_lock', 'sv'), minutesPerUnit: null }, 100)).toBeNull();
  });

  it('knows no usual number for a metric without a rhythm', () => {
    expect(usualEventsPerDay(LOCK, 'unlock')).toBe(6);
    expect(usualEventsPerDay(LOCK, 'session')).toBeUndefined();
  });
});

describe('the plan’s economy', () => {
  const draft: TrialDraft = { ...newTrial('2026-01-01'), horizonYears: 4, costs: [] };
  const investment = {
    name: 'Inköp',
    kind: 'one_off' as const,
    category: 'financial' as const,
    amountOre: 12_000_000,
    startsOn: '2026-01-01',
    endsOn: null,
  };
  const saving = {
    ...newBenefit('keyless_lock', '2026-01-01', 'sv'),
    category: 'financial' as const,
    plannedMonthOre: 500_000,
  };

  it('is the check values of the model: 120 000 kr, then 60 000 kr a year for 4 years at 3 %', () => {
    const economy = planEconomy({ ...draft, costs: [investment], benefits: [saving] });
    expect(economy?.financialOnly.npvOre).toBe(10_302_590); // 103 025.90 kr
    expect(economy?.financialOnly.paybackYears).toEqual({ kind: 'value', value: 2 });
  });

  it('keeps redistributed time out of the headline', () => {
    const economy = planEconomy({
      ...draft,
      costs: [investment],
      benefits: [{ ...saving, category: 'redistribution' }],
    });
    expect(economy?.financialOnly.paybackYears).toEqual({ kind: 'not_paid_back' });
    expect(economy?.includingRedistribution.npvOre).toBe(10_302_590);
  });

  it('leaves out lines without an amount, and says nothing of an empty plan', () => {
    expect(planEconomy({ ...draft, costs: [{ ...investment, amountOre: null }] })).toBeNull();
    expect(planEconomy({ ...draft, costs: [investment], discountRate: null })).toBeNull();
  });
});
