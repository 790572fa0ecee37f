import { RuleViolation } from '../errors.js';
import type { Metric } from '../families/family.js';
import type { MeasurementRule, UsageFilter } from './measurement-rule.js';

/** Longest window of deduplication, in minutes: a day. */
export const DEDUPLICATE_MINUTES_MAX = 1440;

/**
 * Checks a rule against the metric it reads: `measurement_rule_metric`, `measurement_rule_filter` (a dimension or value
 * the family does not declare, rule U13), `measurement_rule_number`, `counterfactual_twice` (rule B4).
 */
export function assertMeasurementRule(rule: MeasurementRule, metric: Metric): void {
  if (rule.metric !== metric.name) {
    throw new RuleViolation(
      'measurement_rule_metric',
      `The rule reads ${rule.metric}, not ${metric.name}: choose one.`,
    );
  }
  assertNumbers(rule);
  assertFilter(rule.filter, metric);
  assertFilter(rule.failureFilter ?? {}, metric);
  assertOneCounterfactual(rule);
}

function assertNumbers(rule: MeasurementRule): void {
  const bounds: readonly [field: keyof MeasurementRule, value: number, max: number][] = [
    ['deduplicateMinutes', rule.deduplicateMinutes, DEDUPLICATE_MINUTES_MAX],
    ['counterfactualShare', rule.counterfactualShare, 1],
    ['minutesPerUnit', rule.minutesPerUnit, 1440],
    ['addedWorkMinutesPerUnit', rule.addedWorkMinutesPerUnit, 1440],
    ['failureMinutes', rule.failureMinutes, 1440],
    ['hourlyCostOre', rule.hourlyCostOre, 1_000_000],
  ];
  const broken = bounds.find(([, value, max]) => !(value >= 0 && value <= max));
  if (broken === undefined) return;
  const [field, value, max] = broken;
  throw new RuleViolation('measurement_rule_number', `${field} is ${value}: give a number from 0 to ${max}.`, {
    field,
    value,
    max,
  });
}

function assertFilter(filter: UsageFilter, metric: Metric): void {
  for (const [dimension, values] of Object.entries(filter)) {
    const attribute = metric.dimensions.includes(dimension) ? metric.attributes[dimension] : undefined;
    const known = attribute?.type === 'enum' ? attribute.values : attribute?.type === 'boolean' ? BOOLEANS : [];
    const unknown = values.filter((value) => !known.includes(value));
    if (attribute !== undefined && unknown.length === 0) continue;
    throw new RuleViolation(
      'measurement_rule_filter',
      `The filter on ${dimension} cannot be met by ${metric.name}: it counts by ${metric.dimensions.join(', ') || 'nothing'}.`,
      { dimension, unknown, dimensions: metric.dimensions },
    );
  }
}

const BOOLEANS: readonly string[] = ['true', 'false'];

function assertOneCounterfactual(rule: MeasurementRule): void {
  const dimension = rule.counterfactualDimension;
  if (rule.counterfactualShare === 1 || dimension === undefined || !(dimension in rule.filter)) return;
  throw new RuleViolation(
    'counterfactual_twice',
    `The rule both filters on ${dimension} and takes a share for it: keep the filter or the share.`,
    { dimension, share: rule.counterfactualShare },
  );
}
