import type { AttributeShape, Metric } from './family.js';

/** Attributes as a device sends them. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/**
 * Between the values of a stored dimensions key. Dimensions are enums or booleans of the family files and never hold
 * it, so the key needs no escaping.
 */
export const DIMENSION_SEPARATOR = '|';

/** Whether a value has the declared shape. */
export function isAttributeValid(shape: AttributeShape, value: unknown): value is string | number | boolean {
  switch (shape.type) {
    case 'enum':
      return typeof value === 'string' && shape.values.includes(value);
    case 'string':
      return typeof value === 'string' && value.length <= shape.maxLength;
    case 'number':
      return typeof value === 'number' && value >= shape.min && value <= shape.max;
    case 'boolean':
      return typeof value === 'boolean';
  }
}

/**
 * Keeps what the family declares, in the declared shape; the rest is dropped and counted, never stored (privacy by
 * default).
 */
export function keepDeclared(metric: Metric, attributes: Attributes): { kept: Attributes; dropped: number } {
  const entries = Object.entries(attributes);
  const kept = entries.filter(([name, value]) => {
    const shape = Object.hasOwn(metric.attributes, name) ? metric.attributes[name] : undefined;
    return shape !== undefined && isAttributeValid(shape, value);
  });
  return { kept: Object.fromEntries(kept), dropped: entries.length - kept.length };
}

/** The key of a roll-up row: the dimensions' values in declared order; missing or undeclared ones are empty (U13). */
export function dimensionsKey(metric: Metric, attributes: Attributes): string {
  return metric.dimensions.map((name) => dimensionValue(metric, attributes, name)).join(DIMENSION_SEPARATOR);
}

function dimensionValue(metric: Metric, attributes: Attributes, name: string): string {
  const shape = metric.attributes[name];
  const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  return shape !== undefined && isAttributeValid(shape, value) ? String(value) : '';
}

/** The inverse of {@link dimensionsKey}: dimension → value; empty values are left out. */
export function parseDimensions(metric: Metric, key: string): Record<string, string> {
  const values = key.split(DIMENSION_SEPARATOR);
  return Object.fromEntries(
    metric.dimensions.map((name, index) => [name, values[index] ?? ''] as const).filter(([, value]) => value !== ''),
  );
}

/** Whether a value lies in the metric's range; a metric without a range takes every finite number from 0. */
export function isValueInRange(metric: Metric, value: number): boolean {
  const { min, max } = metric.valueRange ?? { min: 0, max: Number.MAX_SAFE_INTEGER };
  return Number.isFinite(value) && value >= min && value <= max;
}
