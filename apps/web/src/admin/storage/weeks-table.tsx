import type { PartitionView } from '#contracts';
import { Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { useSize } from './use-size.js';

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
  const size = useSize();
  return useMemo(
    () => [
      {
        id: 'week',
        header: t('storage.week'),
        isRowHeader: true,
        value: ({ from }) => from,
        cell: ({ from, isClosed }) => `${format.date(from.slice(0, 10))}${isClosed ? ` (${t('storage.closed')})` : ''}`,
      },
      {
        id: 'rows',
        header: t('storage.rows'),
        align: 'end',
        value: ({ rows }) => rows,
        cell: ({ rows }) => (rows === null ? t('storage.unknown') : format.number(rows)),
      },
      {
        id: 'heap',
        header: t('storage.heap'),
        align: 'end',
        value: ({ heapBytes }) => heapBytes,
        cell: ({ heapBytes }) => size(heapBytes),
      },
      {
        id: 'index',
        header: t('storage.index'),
        align: 'end',
        value: ({ indexBytes }) => indexBytes,
        cell: ({ indexBytes }) => size(indexBytes),
      },
      {
        id: 'perRow',
        header: t('storage.perRow'),
        align: 'end',
        value: ({ bytesPerRow }) => bytesPerRow,
        cell: ({ bytesPerRow }) => (bytesPerRow === null ? '–' : format.number(bytesPerRow)),
      },
    ],
    [t, format, size],
  );
}
