import type { DeviceDetailView, DeviceView, UsageEntryView } from '#contracts';
import { Button, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { Section } from '../forms/section.js';
import { metricLabel } from '../live/metric-label.js';
import { DataTable, type Column } from '../parts/data-table.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { useMay } from '../session.js';
import { entriesQuery } from './queries.js';

const EnterUsage = lazy(() => import('./enter-usage.js'));

const SHOWN = 20;

/** What people have entered for a device, and how much of its use that is. */
export function DeviceEntries({ device }: { device: DeviceDetailView }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error, refetch } = useQuery(entriesQuery(device.id, SHOWN));
  const columns = useColumns(device);
  const share = data?.share;
  return (
    <Section title={t('entries.title')} lead={t('entries.lead')} actions={<Enter device={device} />}>
      <ErrorNotice error={error} onRetry={() => void refetch()} />
      {share !== undefined && share.manual > 0 && (
        <Text size="sm">
          {t('entries.share', { manual: format.number(share.manual), usages: format.number(share.usages) })}
        </Text>
      )}
      {data?.total === 0 && <Text c="dimmed">{t('entries.none')}</Text>}
      {data !== undefined && data.rows.length > 0 && (
        <DataTable caption={t('entries.title')} rows={data.rows} columns={columns} rowKey={({ id }) => id} />
      )}
    </Section>
  );
}

function Enter({ device }: { device: DeviceDetailView }) {
  const { t } = useTranslation();
  const [isOpen, { open, close }] = useDisclosure(false);
  if (!useMay('usage:enter') || !device.mayEdit || device.lifecycle === 'retired') return null;
  return (
    <>
      <Button variant="default" onClick={open}>
        {t('entries.enter')}
      </Button>
      <Suspense fallback={null}>{isOpen && <EnterUsage device={device} onClose={close} />}</Suspense>
    </>
  );
}

function useColumns({ family }: DeviceView): Column<UsageEntryView>[] {
  const { t } = useTranslation();
  const format = useFormat();
  const outcome = ({ outcome: how, refusal }: UsageEntryView) => (
    <>
      {t(`entries.outcomeText.${how}`)}
      {refusal !== null && <span lang="en">: {refusal}</span>}
    </>
  );
  return [
    { id: 'at', header: t('entries.at'), cell: ({ at }) => format.dateTime(at), isRowHeader: true },
    {
      id: 'metric',
      header: t('entries.metric'),
      cell: ({ metric }) => metricLabel(family, metric, format.locale),
    },
    { id: 'reason', header: t('forms.reason'), cell: ({ reason }) => reason },
    {
      id: 'by',
      header: t('entries.by'),
      cell: ({ enteredBy, enteredAt }) => t('imports.byWhomText', { name: enteredBy, at: format.dateTime(enteredAt) }),
    },
    { id: 'outcome', header: t('entries.outcome'), cell: outcome },
  ];
}
