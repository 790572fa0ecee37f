import type { PartitionView } from '#contracts';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.js';
import type { Column } from '../../parts/data-table.js';
import { useSize } from './use-size.js';

/** How much something stored holds and takes. */
type Sized = Pick<PartitionView, 'rows' | 'heapBytes' | 'indexBytes'>;

/** Rows, table and index: the columns that everything stored has. */
export function useSizeColumns<Row extends Sized>(): Column<Row>[] {
  const { t } = useTranslation();
  const format = useFormat();
  const size = useSize();
  return useMemo(
    () => [
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
