import { NativeSelect, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Fields } from '../forms/section.js';
import { CONDITIONS, type ConditionDraft } from './mapping-drafts.js';

interface ConditionFieldProps {
  label: string;
  condition: ConditionDraft;
  error: ReactNode;
  /** A start or an end is never "anything". */
  isRequired?: boolean;
  onChange: (condition: ConditionDraft) => void;
}

/** When a field counts: how it is compared, and with what. */
export function ConditionField({ label, condition, error, isRequired = false, onChange }: ConditionFieldProps) {
  const { t } = useTranslation();
  const { kind, text } = condition;
  const kinds = CONDITIONS.filter((one) => !isRequired || one !== 'always');
  return (
    <Fields>
      <NativeSelect
        label={label}
        data={kinds.map((value) => ({ value, label: t(`mappings.condition.${value}`) }))}
        value={kind}
        onChange={({ currentTarget }) =>
          onChange({ text, kind: kinds.find((one) => one === currentTarget.value) ?? kind })
        }
      />
      {kind !== 'always' && (
        <TextInput
          label={t(kind === 'in' ? 'mappings.values' : 'mappings.value')}
          aria-label={`${label} ${t(`mappings.condition.${kind}`)}`}
          description={kind === 'in' ? t('mappings.valuesHint') : undefined}
          inputMode={kind === 'above' ? 'decimal' : 'text'}
          value={text}
          error={error}
          onChange={({ currentTarget }) => onChange({ kind, text: currentTarget.value })}
        />
      )}
    </Fields>
  );
}
