import { Group, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';

interface SearchFieldProps {
  value: string;
  onChange: (value: string) => void;
  placeholder: string;
  /** How many it found; unknown while it is fetched. */
  total: number | undefined;
  /** Further filters. */
  children?: ReactNode;
}

/** Search, filters and the number of hits above a list; the number is told to screen readers when it changes. */
export function SearchField({ value, onChange, placeholder, total, children }: SearchFieldProps) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Group gap="md" align="flex-end" role="search" className="no-print">
      <TextInput
        type="search"
        label={t('forms.search')}
        placeholder={placeholder}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={value}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
        w={{ base: '100%', xs: 320 }}
      />
      {children}
      <Text role="status" size="sm" c="dimmed" pb={8}>
        {total === undefined ? '' : t('forms.hits', { count: total, amount: format.number(total) })}
      </Text>
    </Group>
  );
}
