import { RuleViolation } from './errors.js';
import { isAttributeValid } from './families/attributes.js';
import { metricByName, type Family, type FamilyCode, type Metric } from './families/index.js';

/** Other systems whose messages are understood as they are, each by an adapter of its own. */
export const ECOSYSTEMS = ['thingsboard', 'chirpstack', 'zigbee2mqtt', 'homeassistant', 'homie', 'sparkplug'] as const;

export type Ecosystem = (typeof ECOSYSTEMS)[number];

/** What each ecosystem's topics begin with where nobody chose otherwise; null where its topics are fixed. */
export const USUAL_PREFIXES: Readonly<Record<Ecosystem, string | null>> = {
  thingsboard: null,
  chirpstack: '',
  zigbee2mqtt: 'zigbee2mqtt',
  homeassistant: 'homeassistant',
  homie: 'homie',
  sparkplug: null,
};

/** What a field of another system's message can hold. */
export type Scalar = string | number | boolean;

/** When a field counts. `changesTo` holds once: when the field gets the value and had another one before. */
export type MappingCondition =
  | { readonly equals: Scalar }
  | { readonly in: readonly Scalar[] }
  | { readonly above: number }
  | { readonly changesTo: Scalar };

/**
 * What the usage's value is: none (an event counts 1), the field itself, the field × scale + offset, or `times`: the
 * field says how many events there were.
 */
export type MappingValue = 'none' | 'field' | 'times' | { readonly scale: number; readonly offset: number };

/** A constant, or another field of the same message translated value by value; a value without translation is left out. */
export type MappingAttribute = Scalar | { readonly field: string; readonly map: Readonly<Record<string, Scalar>> };

/** Which field of the other system is which metric of the family. */
export interface MappingRule {
  readonly field: string;
  readonly when?: MappingCondition | null | undefined;
  readonly metric: string;
  readonly value: MappingValue;
  readonly attributes: Readonly<Record<string, MappingAttribute>>;
  /** For a session that has a start and an end of its own instead of a length. */
  readonly session?: { readonly startWhen: MappingCondition; readonly endWhen: MappingCondition } | null | undefined;
}

/** Most rules of one mapping. */
export const MAPPING_RULES_MAX = 50;
/** Most usages that one field can stand for by `times`. */
export const TIMES_MAX = 500;

/**
 * Checks rules against the family whose usage they make: `mapping_metric`, `mapping_attribute`, `mapping_value` or
 * `mapping_session`, each with the rule's number (from 0) and the field at fault.
 */
export function assertMapping(rules: readonly MappingRule[], family: Family): void {
  rules.forEach((rule, index) => assertRule(rule, { index, family }));
}

interface Place {
  readonly index: number;
  readonly family: Family;
}

function assertRule(rule: MappingRule, place: Place): void {
  const { index, family } = place;
  const metric = metricByName(family.code as FamilyCode, rule.metric);
  if (metric === undefined) {
    throw new RuleViolation(
      'mapping_metric',
      `Rule ${index + 1}: ${family.code} has no metric ${JSON.stringify(rule.metric)}: choose one of ${family.metrics.map(({ name }) => name).join(', ')}.`,
      { rule: index, field: 'metric', metric: rule.metric },
    );
  }
  assertValue(rule, metric, index);
  if (metric.kind === 'session') assertSession(rule, metric, index);
  else if (rule.session) {
    const message = `Rule ${index + 1}: ${metric.name} is no session: leave start and end out.`;
    throw new RuleViolation('mapping_session', message, { rule: index, field: 'session' });
  }
  for (const [name, source] of Object.entries(rule.attributes)) assertAttribute({ name, source }, metric, index);
}

function assertValue({ value }: MappingRule, metric: Metric, index: number): void {
  const fault = valueFault(value, metric);
  if (fault === null) return;
  throw new RuleViolation('mapping_value', `Rule ${index + 1}: ${fault}`, { rule: index, field: 'value' });
}

function valueFault(value: MappingValue, metric: Metric): string | null {
  if (value === 'times') return metric.kind === 'event' ? null : `${metric.name} is no event that can happen n times.`;
  if (value === 'none') {
    const needsOne = metric.kind === 'gauge' || metric.kind === 'counter';
    return needsOne ? `${metric.name} needs a value: take the field, or the field converted.` : null;
  }
  if (value === 'field') return null;
  const isPossible = Number.isFinite(value.scale) && value.scale !== 0 && Number.isFinite(value.offset);
  return isPossible ? null : 'the conversion needs a scale other than 0, and an offset.';
}

/** A session has a length, or a start and an end; with neither it would stay open for ever. */
function assertSession({ value, session }: MappingRule, metric: Metric, index: number): void {
  const hasLength = value !== 'none';
  if (session && JSON.stringify(session.startWhen) === JSON.stringify(session.endWhen)) {
    throw new RuleViolation('mapping_session', `Rule ${index + 1}: ${metric.name} starts and ends by the same.`, {
      rule: index,
      field: 'session',
    });
  }
  if (hasLength !== Boolean(session)) return;
  const message = `Rule ${index + 1}: ${metric.name} needs its length as value, or a start and an end, not ${session ? 'both' : 'neither'}.`;
  throw new RuleViolation('mapping_session', message, { rule: index, field: 'session' });
}

function assertAttribute(
  { name, source }: { name: string; source: MappingAttribute },
  metric: Metric,
  index: number,
): void {
  const shape = Object.hasOwn(metric.attributes, name) ? metric.attributes[name] : undefined;
  const values = typeof source === 'object' ? Object.values(source.map) : [source];
  const impossible = shape === undefined ? undefined : values.find((value) => !isAttributeValid(shape, value));
  if (shape !== undefined && impossible === undefined) return;
  const what =
    shape === undefined ? `${metric.name} has no attribute ${name}` : `${name} cannot be ${String(impossible)}`;
  const details = {
    rule: index,
    field: `attributes.${name}`,
    attribute: name,
    ...(impossible !== undefined && { impossible }),
  };
  throw new RuleViolation('mapping_attribute', `Rule ${index + 1}: ${what}.`, details);
}
