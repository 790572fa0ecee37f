import type { RetentionRunView } from '#contracts';
import { Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.js';
import { type Column, DataTable } from '../../parts/data-table.js';

/** What was removed, when and by which rule: the log of disposal. */
export function RunsTable({ runs }: { runs: readonly RetentionRunView[] }) {
  const { t } = useTranslation();
  const columns = useColumns();
  return (
    <Stack gap="xs">
      {runs.length > 0 && (
        <DataTable caption={t('storage.runs')} showCaption rows={runs} columns={columns} rowKey={({ id }) => id} />
      )}
      {runs.length === 0 && <Text>{t('storage.noRuns')}</Text>}
      <Text size="sm" c="dimmed">
        {t('storage.runsLead')}
      </Text>
    </Stack>
  );
}

function useColumns(): Column<RetentionRunView>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return useMemo(
    () => [
      {
        id: 'at',
        header: t('storage.when'),
        isRowHeader: true,
        cell: ({ at }) => <time dateTime={at}>{format.dateTime(at)}</time>,
      },
      {
        id: 'what',
        header: t('storage.what'),
        cell: ({ kind, subject, dryRun }) =>
          `${t(`storage.kinds.${kind}`)}: ${subject}${dryRun ? ` (${t('storage.dryRun')})` : ''}`,
      },
      { id: 'rows', header: t('storage.removed'), align: 'end', cell: ({ rows }) => format.number(rows) },
      {
        id: 'held',
        header: t('storage.kept'),
        cell: ({ heldTrials, heldRows }) =>
          heldTrials.length === 0
            ? '–'
            : t('storage.keptRows', { trials: heldTrials.join(', '), rows: format.number(heldRows) }),
      },
    ],
    [t, format],
  );
}
