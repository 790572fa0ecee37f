import { Group, Input, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../session.js';
import { DateField } from './date-field.js';
import { instantOf, wallClockOf } from './local-instant.js';

interface InstantFieldProps {
  label: string;
  description?: string;
  /** RFC 3339; empty is `null`, half-written is ''. */
  value?: string | null;
  onChange?: (instant: string | null) => void;
  error?: ReactNode;
  required?: boolean;
}

/** A moment as date and time in the municipality's zone. */
export function InstantField({ label, description, value, onChange, error, required = false }: InstantFieldProps) {
  const { t } = useTranslation();
  const zone = useSession().municipality.timeZone;
  const [draft, setDraft] = useState(() => wallClockOf(value, zone));
  const give = (next: typeof draft): void => {
    setDraft(next);
    const isEmpty = next.day === null && next.time.trim() === '';
    onChange?.(isEmpty ? null : (instantOf(next.day ?? '', next.time, zone) ?? ''));
  };
  return (
    <Input.Wrapper
      role="group"
      aria-label={label}
      label={label}
      labelElement="div"
      description={description ?? t('forms.localTime', { zone })}
      error={error}
      withAsterisk={required}
    >
      <Group gap="sm" wrap="nowrap" mt={4}>
        <DateField
          aria-label={`${label}: ${t('forms.date')}`}
          value={draft.day}
          onChange={(day) => give({ day, time: draft.time === '' && day !== null ? '00:00' : draft.time })}
          error={Boolean(error)}
          flex={2}
        />
        <TextInput
          aria-label={`${label}: ${t('forms.time')}`}
          placeholder={t('forms.timePlaceholder')}
          value={draft.time}
          onChange={({ currentTarget }) => give({ ...draft, time: currentTarget.value })}
          error={Boolean(error)}
          flex={1}
        />
      </Group>
    </Input.Wrapper>
  );
}
