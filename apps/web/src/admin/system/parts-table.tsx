import type { SystemPartView } from '#contracts';
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Age } from '../../parts/age.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { PartStateFact } from './part-state.js';

/** Every part of the installation by itself: its state and the age of its last sign of life. */
export function PartsTable({ parts }: { parts: SystemPartView[] }) {
  const { t } = useTranslation();
  const columns: Column<SystemPartView>[] = [
    {
      id: 'part',
      header: t('system.partName'),
      isRowHeader: true,
      cell: ({ part, name }) => (
        <div>
          {t(`system.part.${part}`)}
          {name !== part && (
            <Text size="sm" c="dimmed">
              {name}
            </Text>
          )}
        </div>
      ),
    },
    { id: 'state', header: t('system.stateName'), cell: ({ state }) => <PartStateFact state={state} /> },
    { id: 'seenAt', header: t('system.seenAt'), align: 'end', cell: ({ seenAt }) => <Age at={seenAt} /> },
  ];
  return <DataTable caption={t('system.partsTitle')} rows={parts} columns={columns} rowKey={({ name }) => name} />;
}
