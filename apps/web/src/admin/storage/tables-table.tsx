import type { StorageView } from '#contracts';
import { Code, Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { type Column, DataTable } from '../../parts/data-table.js';
import { useSizeColumns } from './use-size-columns.js';

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
  const sizes = useSizeColumns<StoredTable>();
  return useMemo(
    () => [
      {
        id: 'table',
        header: t('storage.table'),
        isRowHeader: true,
        value: ({ name }) => name,
        cell: ({ name }) => <Code>{name}</Code>,
      },
      ...sizes,
    ],
    [t, sizes],
  );
}
