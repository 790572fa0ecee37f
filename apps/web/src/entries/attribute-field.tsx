import type { AttributeShape } from '#domain';
import { NativeSelect, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { NumberField } from '../forms/number-field.js';

type Value = string | number | boolean | undefined;

interface AttributeFieldProps {
  shape: AttributeShape;
  label: string;
  value: Value;
  onChange: (value: Value) => void;
}

/** One attribute as its family declares it; what nobody knows is left out. */
export function AttributeField({ shape, label, value, onChange }: AttributeFieldProps) {
  switch (shape.type) {
    case 'enum':
      return <EnumField values={shape.values} labels={shape.labels} {...{ label, value, onChange }} />;
    case 'boolean':
      return <YesNoField {...{ label, value, onChange }} />;
    case 'number':
      return (
        <NumberField
          label={label}
          value={typeof value === 'number' ? value : null}
          onChange={(number) => onChange(number ?? undefined)}
        />
      );
    case 'string':
      return (
        <TextInput
          label={label}
          maxLength={shape.maxLength}
          value={typeof value === 'string' ? value : ''}
          onChange={({ currentTarget }) => onChange(currentTarget.value || undefined)}
        />
      );
  }
}

type Enum = Extract<AttributeShape, { type: 'enum' }>;
type FieldProps = Omit<AttributeFieldProps, 'shape'>;

function EnumField({ values, labels, label, value, onChange }: FieldProps & Pick<Enum, 'values' | 'labels'>) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const options = values.map((one) => ({ value: one, label: labels[one]?.[locale] ?? one }));
  return (
    <NativeSelect
      label={label}
      data={[{ value: '', label: t('entries.unknown') }, ...options]}
      value={typeof value === 'string' ? value : ''}
      onChange={({ currentTarget }) => onChange(currentTarget.value || undefined)}
    />
  );
}

function YesNoField({ label, value, onChange }: FieldProps) {
  const { t } = useTranslation();
  return (
    <NativeSelect
      label={label}
      data={[
        { value: '', label: t('entries.unknown') },
        { value: 'true', label: t('forms.yes') },
        { value: 'false', label: t('forms.no') },
      ]}
      value={value === undefined ? '' : String(value)}
      onChange={({ currentTarget }) =>
        onChange(currentTarget.value === '' ? undefined : currentTarget.value === 'true')
      }
    />
  );
}
