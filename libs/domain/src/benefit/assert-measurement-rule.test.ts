import { describe, expect, it } from 'vitest';
import { FAMILIES, metricByName, ruleOf } from '../families/index.js';
import type { Metric } from '../families/family.js';
import { assertMeasurementRule } from './assert-measurement-rule.js';
import type { MeasurementRule } from './measurement-rule.js';

const rule = ruleOf(FAMILIES.keyless_lock.defaultRule);
const unlock = metricByName('keyless_lock', 'unlock') as Metric;

describe('a measurement rule', () => {
  it.each<[string, Partial<MeasurementRule>]>([
    ['measurement_rule_metric', { metric: 'battery' }],
    ['measurement_rule_number', { counterfactualShare: 1.1 }],
    ['measurement_rule_number', { counterfactualShare: -0.1 }],
    ['measurement_rule_number', { minutesPerUnit: Number.NaN }],
    ['measurement_rule_number', { deduplicateMinutes: 1441 }],
    ['measurement_rule_filter', { filter: { result: ['opened'] } }],
    ['measurement_rule_filter', { filter: { visit: ['planned'] } }], // no dimension of roll-ups (rule U13)
    ['measurement_rule_filter', { filter: { toString: [] } }],
    ['measurement_rule_filter', { failureFilter: { colour: ['red'] } }],
    ['counterfactual_twice', { counterfactualDimension: 'actor_role' }], // filter and share for one ground (rule B4)
  ])('is refused as %s with %o', (code, change) => {
    expect(() => assertMeasurementRule({ ...rule, ...change }, unlock)).toThrow(expect.objectContaining({ code }));
  });

  it('may filter on the ground of a share of 1', () => {
    const filtered = { ...rule, counterfactualShare: 1, counterfactualDimension: 'actor_role' };
    expect(() => assertMeasurementRule(filtered, unlock)).not.toThrow();
  });
});
