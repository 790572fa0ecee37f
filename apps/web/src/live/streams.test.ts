import type { LineBenefitView } from '#contracts';
import { describe, expect, it } from 'vitest';
import { streamsByCategory } from './streams.js';

const line = (given: Partial<LineBenefitView>): LineBenefitView => ({
  lineId: 'a',
  name: 'Line',
  category: 'redistribution',
  certainty: 'yellow',
  plannedOre: 0,
  potentialOre: null,
  realisedOre: 0,
  realisationRate: { kind: 'no_data' },
  calculation: null,
  ruleVersion: null,
  evidence: null,
  source: null,
  metric: null,
  computedAt: null,
  confirmations: [],
  ...given,
});

describe('the three streams', () => {
  it('are summed within a category and never across (rule B1)', () => {
    const lines = [
      line({ plannedOre: 100, potentialOre: 80, realisedOre: 20 }),
      line({ plannedOre: 50, potentialOre: -30 }),
      line({ category: 'financial', plannedOre: 7, potentialOre: 5, realisedOre: 5 }),
    ];
    expect(streamsByCategory(lines)).toEqual([
      { category: 'financial', plannedOre: 7, potentialOre: 5, realisedOre: 5 },
      { category: 'redistribution', plannedOre: 150, potentialOre: 50, realisedOre: 20 }, // 100 + 50, 80 − 30
    ]);
  });

  it('tell an unmeasured category from one that measured nothing', () => {
    expect(streamsByCategory([line({})])[0]?.potentialOre).toBeNull();
    expect(streamsByCategory([line({ potentialOre: 0 })])[0]?.potentialOre).toBe(0);
  });
});
