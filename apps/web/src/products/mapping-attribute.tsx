import type { AttributeShape, Metric } from '#domain';
import { NativeSelect, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { Fields } from '../forms/section.js';
import { type AttributeDraft, choicesOf } from './mapping-drafts.js';

const NOT_GIVEN: AttributeDraft = { kind: 'none', constant: '', field: '', words: {} };

interface AttributeFieldProps {
  shape: Metric['attributes'][string];
  attribute: AttributeDraft | undefined;
  error: ReactNode;
  onChange: (attribute: AttributeDraft) => void;
}

/** Where an attribute of the usage comes from: nowhere, one value, or another field of the message. */
export function AttributeField({ shape, attribute = NOT_GIVEN, error, onChange }: AttributeFieldProps) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const what = shape.label[locale];
  const options = useOptions(shape);
  const chosen = attribute.kind === 'constant' && options.isClosed ? `=${attribute.constant}` : attribute.kind;
  const choose = (value: string): void => {
    if (value.startsWith('=')) onChange({ ...attribute, kind: 'constant', constant: value.slice(1) });
    else onChange({ ...attribute, kind: value === 'field' || value === 'constant' ? value : 'none' });
  };
  return (
    <>
      <Fields>
        <NativeSelect
          label={what}
          data={options.data}
          value={chosen}
          error={error}
          onChange={({ currentTarget }) => choose(currentTarget.value)}
        />
        {attribute.kind === 'constant' && !options.isClosed && (
          <TextInput
            label={t('mappings.attribute.constant', { what })}
            value={attribute.constant}
            onChange={({ currentTarget }) => onChange({ ...attribute, constant: currentTarget.value })}
          />
        )}
        {attribute.kind === 'field' && (
          <TextInput
            label={t('mappings.attribute.source', { what })}
            value={attribute.field}
            onChange={({ currentTarget }) => onChange({ ...attribute, field: currentTarget.value })}
          />
        )}
      </Fields>
      {attribute.kind === 'field' && <Words shape={shape} attribute={attribute} onChange={onChange} />}
    </>
  );
}

function useLabelOf(shape: AttributeShape): (value: string) => string {
  const { t } = useTranslation();
  const { locale } = useFormat();
  return (value) => {
    if (shape.type === 'enum') return shape.labels[value]?.[locale] ?? value;
    return t(value === 'true' ? 'forms.yes' : 'forms.no');
  };
}

function useOptions(shape: AttributeShape): { data: { value: string; label: string }[]; isClosed: boolean } {
  const { t } = useTranslation();
  const labelOf = useLabelOf(shape);
  const choices = choicesOf(shape);
  const constants = choices?.map((value) => ({ value: `=${value}`, label: labelOf(value) })) ?? [
    { value: 'constant', label: t('mappings.value') },
  ];
  const fromField = choices === null ? [] : [{ value: 'field', label: t('mappings.attribute.field') }];
  return {
    data: [{ value: 'none', label: t('mappings.attribute.none') }, ...constants, ...fromField],
    isClosed: choices !== null,
  };
}

/** What each of our values is called in the other system. */
function Words({
  shape,
  attribute,
  onChange,
}: Pick<AttributeFieldProps, 'shape' | 'onChange'> & { attribute: AttributeDraft }) {
  const { t } = useTranslation();
  const labelOf = useLabelOf(shape);
  return (
    <Fields>
      {choicesOf(shape)?.map((value) => (
        <TextInput
          key={value}
          label={t('mappings.attribute.words', { value: labelOf(value) })}
          description={t('mappings.valuesHint')}
          value={attribute.words[value] ?? ''}
          onChange={({ currentTarget }) =>
            onChange({ ...attribute, words: { ...attribute.words, [value]: currentTarget.value } })
          }
        />
      ))}
    </Fields>
  );
}
