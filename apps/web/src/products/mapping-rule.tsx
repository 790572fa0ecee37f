import type { Family, Metric } from '#domain';
import { NativeSelect, Text, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { NumberField } from '../forms/number-field.js';
import { Fields } from '../forms/section.js';
import { AttributeField } from './mapping-attribute.js';
import { ConditionField } from './mapping-condition.js';
import { type Amount, amountsOf, type RuleDraft, withMetric } from './mapping-drafts.js';

interface RuleFieldsProps {
  family: Family;
  rule: RuleDraft;
  /** What is wrong at or below a field of the stored rule. */
  errorAt: (field: string) => ReactNode;
  onChange: (rule: RuleDraft) => void;
}

/** One rule: which field, when it counts, which metric it is, and what is said with it. */
export function RuleFields({ family, rule, errorAt, onChange }: RuleFieldsProps) {
  const { t } = useTranslation();
  const metric = family.metrics.find(({ name }) => name === rule.metric);
  const change = (changes: Partial<RuleDraft>): void => onChange({ ...rule, ...changes });
  return (
    <>
      <FieldAndMetric family={family} rule={rule} errorAt={errorAt} onChange={onChange} />
      {rule.amount !== 'session' && (
        <ConditionField
          label={t('mappings.when')}
          condition={rule.when}
          error={errorAt('when')}
          onChange={(when) => change({ when })}
        />
      )}
      {metric !== undefined && <AmountFields metric={metric} rule={rule} errorAt={errorAt} change={change} />}
      {metric !== undefined &&
        Object.entries(metric.attributes).map(([name, shape]) => (
          <AttributeField
            key={name}
            shape={shape}
            attribute={rule.attributes[name]}
            error={errorAt(`attributes.${name}`)}
            onChange={(attribute) => change({ attributes: { ...rule.attributes, [name]: attribute } })}
          />
        ))}
    </>
  );
}

function FieldAndMetric({ family, rule, errorAt, onChange }: RuleFieldsProps) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const metricOf = (name: string) => family.metrics.find((metric) => metric.name === name);
  return (
    <Fields>
      <TextInput
        label={t('mappings.field')}
        description={t('mappings.fieldHint')}
        withAsterisk
        value={rule.field}
        error={errorAt('field')}
        onChange={({ currentTarget }) => onChange({ ...rule, field: currentTarget.value })}
      />
      <NativeSelect
        label={t('mappings.metric')}
        data={family.metrics.map(({ name, label }) => ({ value: name, label: label[locale] }))}
        value={rule.metric}
        error={errorAt('metric')}
        onChange={({ currentTarget }) => onChange(withMetric(rule, metricOf(currentTarget.value)))}
      />
    </Fields>
  );
}

interface AmountFieldsProps {
  metric: Metric;
  rule: RuleDraft;
  errorAt: RuleFieldsProps['errorAt'];
  change: (changes: Partial<RuleDraft>) => void;
}

/** A session's value is how long it lasted. */
const wordOf = (amount: Amount, { kind }: Metric) => {
  if (kind !== 'session' || amount === 'session') return amount;
  return amount === 'scaled' ? 'lengthScaled' : 'length';
};

function AmountFields({ metric, rule, errorAt, change }: AmountFieldsProps) {
  const { t } = useTranslation();
  const amounts = amountsOf(metric);
  return (
    <>
      <Fields>
        <NativeSelect
          label={t('mappings.measured')}
          data={amounts.map((value) => ({ value, label: t(`mappings.amount.${wordOf(value, metric)}`) }))}
          value={rule.amount}
          error={errorAt('value')}
          onChange={({ currentTarget }) =>
            change({ amount: amounts.find((one) => one === currentTarget.value) ?? 'field' })
          }
        />
        {rule.amount === 'scaled' && (
          <>
            <NumberField
              label={t('mappings.scale')}
              decimalScale={6}
              value={rule.scale}
              onChange={(scale) => change({ scale })}
            />
            <NumberField
              label={t('mappings.offset')}
              decimalScale={6}
              value={rule.offset}
              onChange={(offset) => change({ offset })}
            />
          </>
        )}
      </Fields>
      {rule.amount === 'session' && (
        <>
          <ConditionField
            label={t('mappings.starts')}
            condition={rule.starts}
            error={errorAt('session.startWhen')}
            isRequired
            onChange={(starts) => change({ starts })}
          />
          <ConditionField
            label={t('mappings.ends')}
            condition={rule.ends}
            error={errorAt('session.endWhen')}
            isRequired
            onChange={(ends) => change({ ends })}
          />
          {errorAt('session') && (
            <Text size="sm" c="red" role="alert">
              {errorAt('session')}
            </Text>
          )}
        </>
      )}
    </>
  );
}
