import { describe, expect, it } from 'vitest';
import { valueUnits } from '../benefit/v1.js';
import { assertMeasurementRule } from '../benefit/assert-measurement-rule.js';
import { RULE_CODES } from '../errors.js';
import {
  DIMENSION_SEPARATOR,
  dimensionsKey,
  FAMILIES,
  FAMILY_CODES,
  isFamilyCode,
  isValueInRange,
  keepDeclared,
  metricByCode,
  metricByName,
  parseDimensions,
  ruleOf,
  type Metric,
} from './index.js';

const families = Object.values(FAMILIES);
const unlock = metricByName('keyless_lock', 'unlock') as Metric;

describe.each(FAMILY_CODES)('the family %s', (code) => {
  const family = FAMILIES[code];

  it('is plain data under its own code', () => {
    expect(family.code).toBe(code);
    expect(JSON.parse(JSON.stringify(family))).toEqual(family);
  });

  it('reports at least hourly, so that an hour without a sign of life is a gap (rule U12)', () => {
    expect(family.heartbeatSeconds).toBeLessThanOrEqual(3600);
    expect(family.expectedIntervalSeconds).toBeGreaterThanOrEqual(family.heartbeatSeconds);
  });

  it('says when a battery is low and when it is critical, if it runs on one', () => {
    const { power, batteryLowPercent, batteryCriticalPercent } = family;
    expect([batteryLowPercent !== undefined, batteryCriticalPercent !== undefined]).toEqual(
      Array(2).fill(power === 'battery'),
    );
    if (power === 'battery') expect(batteryCriticalPercent).toBeLessThan(batteryLowPercent ?? 0);
  });

  it('has a default rule that stands against its metric', () => {
    const rule = ruleOf(family.defaultRule);
    expect(rule).not.toHaveProperty('source');
    expect(() => assertMeasurementRule(rule, metricByName(code, rule.metric) as Metric)).not.toThrow();
  });

  it('has closed dimensions whose values never hold the separator (rule U13)', () => {
    for (const metric of family.metrics) {
      for (const name of metric.dimensions) {
        const shape = metric.attributes[name];
        const values = shape?.type === 'enum' ? shape.values : shape?.type === 'boolean' ? [] : [DIMENSION_SEPARATOR];
        expect(values.filter((value) => value === '' || value.includes(DIMENSION_SEPARATOR))).toEqual([]);
      }
    }
  });

  it('labels every value of its enums', () => {
    const shapes = family.metrics.flatMap((metric) => Object.values(metric.attributes));
    for (const shape of shapes) if (shape.type === 'enum') expect(Object.keys(shape.labels)).toEqual([...shape.values]);
  });

  it('has a rhythm for each metric that the metric can hold', () => {
    expect(Object.keys(family.rhythm.metrics)).toEqual(family.metrics.map(({ name }) => name));
    for (const metric of family.metrics) {
      const rhythm = family.rhythm.metrics[metric.name];
      expect(rhythm?.hourlyWeights).toHaveLength(24);
      expect(Object.keys(rhythm?.attributes ?? {})).toEqual(Object.keys(metric.attributes));
      expect(rhythm?.sessionSeconds !== undefined).toBe(metric.kind === 'session');
      expect(rhythm?.gauge !== undefined).toBe(metric.kind === 'gauge');
      for (const [name, { type, ...spread }] of Object.entries(rhythm?.attributes ?? {})) {
        const shape = metric.attributes[name];
        if (type === 'weights' && 'weights' in spread && shape?.type === 'enum') {
          expect(Object.keys(spread.weights)).toEqual([...shape.values]);
        }
      }
    }
  });
});

describe('metrics', () => {
  it('have codes that stay as they were stored', () => {
    const codes = families.flatMap(({ code, metrics }) =>
      metrics.map((metric) => [`${code}.${metric.name}`, metric.code]),
    );
    expect(Object.fromEntries(codes)).toEqual({
      'keyless_lock.unlock': 1,
      'keyless_lock.battery': 2,
      'sleep_robot.session': 11,
      'sleep_robot.battery': 12,
      'smart_screen.stream': 21,
      'smart_screen.message_shown': 22,
      'smart_screen.call': 23,
    });
    expect(new Set(codes.map(([, code]) => code)).size).toBe(codes.length);
  });

  it('are found by name and by code', () => {
    expect(metricByCode(21)).toEqual({ family: FAMILIES.smart_screen, metric: metricByName('smart_screen', 'stream') });
    expect(metricByCode(999)).toBeUndefined();
    expect(metricByName('keyless_lock', 'stream')).toBeUndefined();
    expect([isFamilyCode('sleep_robot'), isFamilyCode('toaster')]).toEqual([true, false]);
  });

  it.each([
    [1, true],
    [0, false],
    [1.5, false],
    [Number.NaN, false],
  ])('take an opening’s value %d: %s', (value, taken) => {
    expect(isValueInRange(unlock, value)).toBe(taken);
  });
});

describe('attributes', () => {
  it.each([
    [{ actor_role: 'staff', result: 'success', visit: 'planned' }, 'success|staff'],
    [{ result: 'failure' }, 'failure|'],
    [{ actor_role: 'relative', result: 'opened' }, '|relative'], // an undeclared value
    [{}, '|'],
  ])('%o have the key %s', (attributes, key) => {
    expect(dimensionsKey(unlock, attributes)).toBe(key);
  });

  it.each([
    ['success|staff', { result: 'success', actor_role: 'staff' }],
    ['|relative', { actor_role: 'relative' }],
    ['|', {}],
  ])('the key %s reads back as %o', (key, dimensions) => {
    expect(parseDimensions(unlock, key)).toEqual(dimensions);
    expect(dimensionsKey(unlock, parseDimensions(unlock, key))).toBe(key);
  });

  it('have an empty key without dimensions', () => {
    const battery = metricByName('keyless_lock', 'battery') as Metric;
    expect(dimensionsKey(battery, { any: 'x' })).toBe('');
    expect(parseDimensions(battery, '')).toEqual({});
  });

  it('that are not declared, or not in the declared shape, are dropped and counted', () => {
    const sent = { result: 'success', actor_role: 'Anna Andersson', name: 'Anna', toString: 'x' };
    expect(keepDeclared(unlock, sent)).toEqual({ kept: { result: 'success' }, dropped: 3 });
  });
});

describe('defaults (domain.md §6)', () => {
  it('give a sleep robot 0 kr however much it is used', () => {
    expect(valueUnits(FAMILIES.sleep_robot.defaultRule, { qualifying: 1000, failures: 0 }).potentialOre).toBe(0);
  });

  it('make a smart screen’s broadcast 15 minutes', () => {
    expect(valueUnits(FAMILIES.smart_screen.defaultRule, { qualifying: 4, failures: 0 }).grossHours).toBe(1);
  });

  it('keep the codes of rules unique', () => {
    expect(new Set(RULE_CODES).size).toBe(RULE_CODES.length);
  });
});
