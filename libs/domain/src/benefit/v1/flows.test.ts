import { describe, expect, it } from 'vitest';
import { yearlyFlows, type BenefitLine, type CostLine } from './flows.js';

const frame = { investmentOn: '2026-03-15', horizonYears: 3 };
const cost = (line: Omit<CostLine, 'category'>): number[] =>
  yearlyFlows({ ...frame, costLines: [{ ...line, category: 'financial' }], benefitLines: [] }).map((y) => y.costOre);
const benefit = (line: Omit<BenefitLine, 'category'>): number[] =>
  yearlyFlows({ ...frame, costLines: [], benefitLines: [{ ...line, category: 'financial' }] }).map((y) => y.benefitOre);

describe('lines summed to years from the investment date (rule B6)', () => {
  it.each<[string, Omit<CostLine, 'category'>, number[]]>([
    ['an earlier one-off', { kind: 'one_off', amountOre: 7, startsOn: '2025-11-01' }, [7, 0, 0, 0]],
    ['a one-off on the date', { kind: 'one_off', amountOre: 7, startsOn: '2026-03-15' }, [7, 0, 0, 0]],
    ['one the day after', { kind: 'one_off', amountOre: 7, startsOn: '2026-03-16' }, [0, 7, 0, 0]],
    ['one on the first anniversary', { kind: 'one_off', amountOre: 7, startsOn: '2027-03-15' }, [0, 7, 0, 0]],
    ['one the day after that', { kind: 'one_off', amountOre: 7, startsOn: '2027-03-16' }, [0, 0, 7, 0]],
    ['one beyond the horizon', { kind: 'one_off', amountOre: 7, startsOn: '2030-01-01' }, [0, 0, 0, 0]],
    ['a month’s rent from the date', { kind: 'monthly', amountOre: 10, startsOn: '2026-03-15' }, [0, 120, 120, 120]],
    // Nov, Dec, Jan, Feb begin before 15 March; 1 March too: 5 months in year 0
    ['a rent begun before', { kind: 'monthly', amountOre: 10, startsOn: '2025-11-01' }, [50, 120, 120, 120]],
    [
      'a rent that ends', // 15 Mar … 15 Aug: 6 months
      { kind: 'monthly', amountOre: 10, startsOn: '2026-03-15', endsOn: '2026-09-15' },
      [0, 60, 0, 0],
    ],
    ['a yearly licence', { kind: 'yearly', amountOre: 100, startsOn: '2026-03-15' }, [0, 100, 100, 100]],
    ['one from next year', { kind: 'yearly', amountOre: 100, startsOn: '2027-06-01' }, [0, 0, 100, 100]],
  ])('%s', (_name, line, years) => {
    expect(cost(line)).toEqual(years);
  });

  it.each<[string, Omit<BenefitLine, 'category'>, number[]]>([
    ['from the date', { monthlyOre: 10, startsOn: '2026-03-15' }, [0, 120, 120, 120]],
    ['from half a year on', { monthlyOre: 10, startsOn: '2026-09-15' }, [0, 60, 120, 120]],
    // 10/3 + 20/3 + 10 × 10 = 110
    ['with a ramp of three months', { monthlyOre: 10, startsOn: '2026-03-15', rampMonths: 3 }, [0, 110, 120, 120]],
    // 100 × (1 + 2 + … + 7)/7 + 100 × 5 = 900
    ['with a ramp of seven', { monthlyOre: 100, startsOn: '2026-03-15', rampMonths: 7 }, [0, 900, 1200, 1200]],
    ['until an end', { monthlyOre: 10, startsOn: '2027-03-15', endsOn: '2027-05-15' }, [0, 0, 20, 0]],
    ['from the 31st', { monthlyOre: 10, startsOn: '2026-03-31' }, [0, 120, 120, 120]],
  ])('a benefit %s', (_name, line, years) => {
    expect(benefit(line)).toEqual(years);
  });

  it('rounds each line per year and sums the rounded lines', () => {
    const line = { category: 'financial', monthlyOre: 1, startsOn: '2029-02-15', rampMonths: 2 } as const;
    const flows = yearlyFlows({ ...frame, costLines: [], benefitLines: [line, line] });
    expect(flows[3]?.benefitOre).toBe(2); // 0.5 → 1, twice
  });

  it.each([0, 31, 1.5])('refuses a horizon of %d years', (horizonYears) => {
    expect(() => yearlyFlows({ ...frame, horizonYears, costLines: [], benefitLines: [] })).toThrow(
      expect.objectContaining({ code: 'horizon_out_of_range' }),
    );
  });
});
