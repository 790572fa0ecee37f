import type { Metric } from '#domain';
import { Checkbox, Group, Input, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.js';
import { Fields } from '../../forms/section.js';
import type { Filter } from './drafts.js';

interface FilterFieldProps {
  legend: string;
  metric: Metric;
  filter: Filter;
  error: ReactNode;
  /** Nothing chosen means that nothing is counted; else that everything is. */
  isNothingWhenEmpty?: boolean;
  onChange: (filter: Filter) => void;
}

/** Which values of each dimension count; a dimension with none chosen lets every value through. */
export function FilterField({ legend, metric, filter, error, isNothingWhenEmpty = false, onChange }: FilterFieldProps) {
  const { t } = useTranslation();
  const choose = (dimension: string, values: string[]): void => {
    const { [dimension]: _, ...others } = filter;
    onChange(values.length === 0 ? others : { ...others, [dimension]: values });
  };
  const isEmpty = Object.keys(filter).length === 0;
  return (
    <Input.Wrapper role="group" aria-label={legend} label={legend} labelElement="div" error={error}>
      {isEmpty && (
        <Text size="sm" c="dimmed">
          {t(isNothingWhenEmpty ? 'benefitPlan.rule.noFailures' : 'benefitPlan.rule.everything')}
        </Text>
      )}
      <Fields>
        {metric.dimensions.map((dimension) => (
          <DimensionChoice
            key={dimension}
            metric={metric}
            dimension={dimension}
            values={filter[dimension] ?? []}
            onChange={(values) => choose(dimension, values)}
          />
        ))}
      </Fields>
    </Input.Wrapper>
  );
}

interface DimensionChoiceProps {
  metric: Metric;
  dimension: string;
  values: string[];
  onChange: (values: string[]) => void;
}

function DimensionChoice({ metric, dimension, values, onChange }: DimensionChoiceProps) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const shape = metric.attributes[dimension];
  if (shape === undefined || (shape.type !== 'enum' && shape.type !== 'boolean')) return null;
  const options =
    shape.type === 'enum'
      ? shape.values.map((value) => ({ value, label: shape.labels[value]?.[locale] ?? value }))
      : [true, false].map((value) => ({ value: String(value), label: t(value ? 'forms.yes' : 'forms.no') }));
  return (
    <Checkbox.Group label={shape.label[locale]} value={values} onChange={onChange} size="sm">
      <Group gap="md" mt={4}>
        {options.map(({ value, label }) => (
          <Checkbox key={value} value={value} label={label} />
        ))}
      </Group>
    </Checkbox.Group>
  );
}
