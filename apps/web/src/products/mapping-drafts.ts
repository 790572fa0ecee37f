import type { MappingRuleMessage } from '#contracts';
import type { AttributeShape, Family, MappingAttribute, MappingCondition, Metric, Scalar } from '#domain';

export const CONDITIONS = ['always', 'equals', 'in', 'above', 'changesTo'] as const;

/** A condition as it is being written. */
export interface ConditionDraft {
  kind: (typeof CONDITIONS)[number];
  text: string;
}

/** An attribute as it is being written: not given, one value, or another field with what its values are called there. */
export interface AttributeDraft {
  kind: 'none' | 'constant' | 'field';
  constant: string;
  field: string;
  /** Our value → their words for it, separated by commas. */
  words: Record<string, string>;
}

export type Amount = 'none' | 'field' | 'times' | 'scaled' | 'session';

/** A rule as it is being written. */
export interface RuleDraft {
  field: string;
  when: ConditionDraft;
  metric: string;
  amount: Amount;
  scale: number | null;
  offset: number | null;
  attributes: Record<string, AttributeDraft>;
  starts: ConditionDraft;
  ends: ConditionDraft;
}

const ALWAYS: ConditionDraft = { kind: 'always', text: '' };
const NO_ATTRIBUTE: AttributeDraft = { kind: 'none', constant: '', field: '', words: {} };

/** What a metric's rule can count as, the usual first. */
export function amountsOf(metric: Metric): Amount[] {
  switch (metric.kind) {
    case 'event':
      return ['none', 'times', 'field', 'scaled'];
    case 'session':
      return ['session', 'field', 'scaled'];
    case 'counter':
    case 'gauge':
      return ['field', 'scaled'];
  }
}

/** A rule for the first metric of a family, of a field that may have been seen. */
export function newRule(family: Family, field = ''): RuleDraft {
  const [metric] = family.metrics;
  return withMetric(
    {
      field,
      when: ALWAYS,
      metric: '',
      amount: 'none',
      scale: 1,
      offset: 0,
      attributes: {},
      starts: { kind: 'equals', text: '' },
      ends: { kind: 'equals', text: '' },
    },
    metric,
  );
}

/** Another metric has other attributes, and may be measured otherwise. */
export function withMetric(rule: RuleDraft, metric: Metric | undefined): RuleDraft {
  if (metric === undefined) return rule;
  const amounts = amountsOf(metric);
  const amount = amounts.includes(rule.amount) ? rule.amount : (amounts[0] ?? 'field');
  return { ...rule, metric: metric.name, amount, attributes: {} };
}

/** The draft of a stored rule. */
export function draftOf(rule: MappingRuleMessage, family: Family): RuleDraft {
  const converted = typeof rule.value === 'object' ? rule.value : null;
  const { session } = rule;
  return {
    ...newRule(family, rule.field),
    when: conditionDraft(rule.when),
    metric: rule.metric,
    amount: session ? 'session' : converted ? 'scaled' : (rule.value as Amount),
    scale: converted?.scale ?? 1,
    offset: converted?.offset ?? 0,
    attributes: Object.fromEntries(Object.entries(rule.attributes).map(([name, one]) => [name, attributeDraft(one)])),
    ...(session && { starts: conditionDraft(session.startWhen), ends: conditionDraft(session.endWhen) }),
  };
}

function conditionDraft(condition: MappingCondition | null | undefined): ConditionDraft {
  if (!condition) return ALWAYS;
  if ('equals' in condition) return { kind: 'equals', text: String(condition.equals) };
  if ('in' in condition) return { kind: 'in', text: condition.in.map(String).join(', ') };
  if ('above' in condition) return { kind: 'above', text: String(condition.above) };
  return { kind: 'changesTo', text: String(condition.changesTo) };
}

function attributeDraft(attribute: MappingAttribute): AttributeDraft {
  if (typeof attribute !== 'object') return { ...NO_ATTRIBUTE, kind: 'constant', constant: String(attribute) };
  const words = Object.groupBy(Object.entries(attribute.map), ([, ours]) => String(ours));
  return {
    ...NO_ATTRIBUTE,
    kind: 'field',
    field: attribute.field,
    words: Object.fromEntries(
      Object.entries(words).map(([ours, pairs]) => [ours, (pairs ?? []).map(([theirs]) => theirs).join(', ')]),
    ),
  };
}

/** The rule that a draft means; what is missing in it is the schema's to find. */
export function ruleOf(draft: RuleDraft, metric: Metric | undefined): MappingRuleMessage {
  const isSession = draft.amount === 'session';
  return {
    field: draft.field.trim(),
    when: isSession ? null : conditionOf(draft.when),
    metric: draft.metric,
    value: valueOf(draft),
    attributes: attributesOf(draft, metric),
    session: isSession
      ? { startWhen: conditionOf(draft.starts) ?? { in: [] }, endWhen: conditionOf(draft.ends) ?? { in: [] } }
      : null,
  };
}

function valueOf({ amount, scale, offset }: RuleDraft): MappingRuleMessage['value'] {
  if (amount === 'session') return 'none';
  return amount === 'scaled' ? { scale: scale ?? 0, offset: offset ?? 0 } : amount;
}

function conditionOf({ kind, text }: ConditionDraft): MappingRuleMessage['when'] {
  switch (kind) {
    case 'always':
      return null;
    case 'equals':
      return { equals: text.trim() };
    case 'in':
      return { in: listOf(text) };
    case 'above':
      return { above: text.trim() === '' ? NaN : Number(text.trim().replace(',', '.')) };
    case 'changesTo':
      return { changesTo: text.trim() };
  }
}

const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

function attributesOf(draft: RuleDraft, metric: Metric | undefined): MappingRuleMessage['attributes'] {
  const written = Object.entries(draft.attributes).flatMap(([name, one]) => {
    const shape = metric?.attributes[name];
    return shape === undefined || one.kind === 'none' ? [] : [[name, attributeOf(one, shape)] as const];
  });
  return Object.fromEntries(written);
}

function attributeOf({ kind, constant, field, words }: AttributeDraft, shape: AttributeShape) {
  if (kind === 'constant') return scalarOf(constant, shape);
  const pairs = Object.entries(words).flatMap(([ours, theirs]) =>
    listOf(theirs).map((word) => [word, scalarOf(ours, shape)] as const),
  );
  return { field: field.trim(), map: Object.fromEntries(pairs) };
}

function scalarOf(text: string, shape: AttributeShape): Scalar {
  if (shape.type === 'boolean') return text === 'true';
  return shape.type === 'number' ? Number(text.replace(',', '.')) : text;
}

/** The values that an attribute can be chosen among; null where it is written freely. */
export function choicesOf(shape: AttributeShape): readonly string[] | null {
  if (shape.type === 'enum') return shape.values;
  return shape.type === 'boolean' ? ['true', 'false'] : null;
}
