import type { StorageView } from '#contracts';
import { Code, Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { useSize } from './use-size.js';

type StoredTable = StorageView['tables'][number];

/** Roll-ups and the rest that grows with use, by the tables' own names. */
export function TablesTable({ storage: { tables, hourMonths } }: { storage: StorageView }) {
  const { t } = useTranslation();
  const columns = useColumns();
  return (
    <Stack gap="xs">
      <DataTable
        caption={t('storage.tables')}
        showCaption
        rows={tables}
        columns={columns}
        rowKey={({ name }) => name}
      />
      <Text size="sm" c="dimmed">
        {t('storage.tablesLead', { months: hourMonths })}
      </Text>
    </Stack>
  );
}

function useColumns(): Column<StoredTable>[] {
  const { t } = useTranslation();
  const format = useFormat();
  const size = useSize();
  return useMemo(
    () => [
      {
        id: 'table',
        header: t('storage.table'),
        isRowHeader: true,
        value: ({ name }) => name,
        cell: ({ name }) => <Code>{name}</Code>,
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
    ],
    [t, format, size],
  );
}
