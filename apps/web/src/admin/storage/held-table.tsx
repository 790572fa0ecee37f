import type { HeldTrialView, StorageView } from '#contracts';
import { Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { TextLink } from '../../parts/links.js';

/** The trials whose raw usage is kept longer, and why (rule K1). */
export function HeldTable({ storage: { held, hourMonths, rawDays } }: { storage: StorageView }) {
  const { t } = useTranslation();
  const columns = useColumns(rawDays);
  return (
    <Stack gap="xs">
      {held.length > 0 && (
        <DataTable
          caption={t('storage.held')}
          showCaption
          rows={held}
          columns={columns}
          rowKey={({ trialId }) => trialId}
          sortedBy={{ id: 'trial', desc: false }}
        />
      )}
      {held.length === 0 && <Text>{t('storage.noHeld')}</Text>}
      <Text size="sm" c="dimmed">
        {t('storage.heldLead', { months: hourMonths })}
      </Text>
    </Stack>
  );
}

function useColumns(rawDays: number): Column<HeldTrialView>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return useMemo(
    () => [
      {
        id: 'trial',
        header: t('storage.trial'),
        isRowHeader: true,
        value: ({ code }) => code,
        cell: ({ trialId, code, title }) => (
          <TextLink to="/trials/$id" params={{ id: trialId }}>
            {code} {title}
          </TextLink>
        ),
      },
      {
        id: 'rule',
        header: t('storage.rule'),
        value: ({ rule }) => t(`storage.rules.${rule}`),
        cell: ({ rule }) => t(`storage.rules.${rule}`),
      },
      {
        id: 'rows',
        header: t('storage.rows'),
        align: 'end',
        value: ({ rows }) => rows,
        cell: ({ rows }) => format.number(rows),
      },
      {
        id: 'time',
        header: t('storage.time'),
        value: ({ from }) => from,
        cell: ({ from, to }) =>
          from === null || to === null
            ? t('storage.heldNothingYet', { days: rawDays })
            : `${format.date(from.slice(0, 10))} – ${format.date(to.slice(0, 10))}`,
      },
    ],
    [t, format, rawDays],
  );
}
