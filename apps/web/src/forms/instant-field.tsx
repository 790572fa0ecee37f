import { dayToMs, isDay, localDay, zoneOffsetMs } from '#domain';
import { Group, Input, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../session.js';
import { DateField } from './date-field.js';

interface InstantFieldProps {
  label: string;
  description?: string;
  /** RFC 3339; empty is `null`, half-written is ''. */
  value?: string | null;
  onChange?: (instant: string | null) => void;
  error?: ReactNode;
  required?: boolean;
}

const TIME = /^([01]?\d|2[0-3])[:.]([0-5]\d)$/;

/** The instant of a wall-clock time; in an hour that occurs twice, its first. */
export function instantOf(day: string, time: string, zone: string): string | null {
  const parts = TIME.exec(time.trim());
  if (!isDay(day) || parts === null) return null;
  const wall = dayToMs(day) + (Number(parts[1]) * 60 + Number(parts[2])) * 60_000;
  const guess = wall - zoneOffsetMs(wall, zone);
  return new Date(wall - zoneOffsetMs(guess, zone)).toISOString();
}

function wallClockOf(instant: string | null | undefined, zone: string): { day: string | null; time: string } {
  if (!instant) return { day: null, time: '' };
  const ms = Date.parse(instant);
  const local = new Date(ms + zoneOffsetMs(ms, zone)).toISOString();
  return { day: localDay(ms, zone), time: local.slice(11, 16) };
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
