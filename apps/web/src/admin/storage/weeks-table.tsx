import type { PartitionView } from '#contracts';
import { Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { useSizeColumns } from './use-size-columns.js';

/** The weeks of raw usage and what they take; weeks to come are empty, and made ahead (rule U6). */
export function WeeksTable({ partitions }: { partitions: readonly PartitionView[] }) {
  const { t } = useTranslation();
  const columns = useColumns();
  return (
    <Stack gap="xs">
      <DataTable
        caption={t('storage.weeks')}
        showCaption
        rows={partitions}
        columns={columns}
        rowKey={({ name }) => name}
        sortedBy={{ id: 'week', desc: false }}
      />
      <Text size="sm" c="dimmed">
        {t('storage.weeksLead')}
      </Text>
    </Stack>
  );
}

function useColumns(): Column<PartitionView>[] {
  const { t } = useTranslation();
  const format = useFormat();
  const sizes = useSizeColumns<PartitionView>();
  return useMemo(
    () => [
      {
        id: 'week',
        header: t('storage.week'),
        isRowHeader: true,
        value: ({ from }) => from,
        cell: ({ from, isClosed }) => `${format.date(from.slice(0, 10))}${isClosed ? ` (${t('storage.closed')})` : ''}`,
      },
      ...sizes,
      {
        id: 'perRow',
        header: t('storage.perRow'),
        align: 'end',
        value: ({ bytesPerRow }) => bytesPerRow,
        cell: ({ bytesPerRow }) => (bytesPerRow === null ? '–' : format.number(bytesPerRow)),
      },
    ],
    [t, format, sizes],
  );
}
