import type { CounterReadingView, DeviceView } from '#contracts';
import { Button, Text, Title } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { metricLabel } from '../live/metric-label.js';
import { DataTable, type Column } from '../parts/data-table.js';

const DecideCounter = lazy(() => import('./decide-counter.js'));

interface CounterReadingsProps {
  device: DeviceView;
  readings: CounterReadingView[];
  mayDecide: boolean;
}

/** Readings of counters that somebody should look at or has (rule U11), each with what was decided of it. */
export function CounterReadings({ device, readings, mayDecide }: CounterReadingsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const [asked, setAsked] = useState<CounterReadingView | null>(null);
  const columns = useColumns(device);
  const action: Column<CounterReadingView> = {
    id: 'decide',
    header: t('forms.actions'),
    cell: (reading) => (
      <Button
        size="xs"
        variant="default"
        aria-label={t('corrections.decideOf', {
          what: `${format.number(reading.value, 3)}, ${format.exactTime(reading.at)}`,
        })}
        onClick={() => setAsked(reading)}
      >
        {t('corrections.decide')}
      </Button>
    ),
  };
  return (
    <>
      <Title order={3} size="h5">
        {t('corrections.counters')}
      </Title>
      <DataTable
        caption={t('corrections.counters')}
        rows={readings}
        columns={mayDecide ? [...columns, action] : columns}
        rowKey={({ metric, at, readingId }) => `${metric} ${at} ${readingId}`}
      />
      <Suspense fallback={null}>
        {asked !== null && <DecideCounter device={device} reading={asked} onClose={() => setAsked(null)} />}
      </Suspense>
    </>
  );
}

function useColumns({ family }: DeviceView): Column<CounterReadingView>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return [
    { id: 'at', header: t('corrections.at'), cell: ({ at }) => format.exactTime(at), isRowHeader: true },
    {
      id: 'metric',
      header: t('corrections.metric'),
      cell: ({ metric, metricName }) =>
        metricName === null ? String(metric) : metricLabel(family, metricName, format.locale),
    },
    { id: 'value', header: t('corrections.reading'), cell: ({ value }) => format.number(value, 3), align: 'end' },
    {
      id: 'previous',
      header: t('corrections.previous'),
      cell: ({ previous }) => (previous === null ? '–' : format.number(previous, 3)),
      align: 'end',
    },
    {
      id: 'kind',
      header: t('corrections.kind'),
      cell: ({ kind }) => (kind === null ? '–' : t(`corrections.kindText.${kind}`)),
    },
    { id: 'decision', header: t('corrections.decision'), cell: (reading) => <Decision reading={reading} /> },
  ];
}

function Decision({ reading: { decision } }: { reading: CounterReadingView }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (decision === null) return '–';
  return (
    <>
      {t(`corrections.counterDecision.${decision.decided}`)}
      {decision.reason && `: ${decision.reason}`}
      <Text size="sm" c="dimmed" component="span" display="block">
        {t('corrections.byWhom', { name: decision.byName, at: format.dateTime(decision.at) })}
      </Text>
    </>
  );
}
