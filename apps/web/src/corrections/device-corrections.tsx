import type { DeviceDetailView } from '#contracts';
import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Section } from '../forms/section.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { Loading } from '../parts/loading.js';
import { CounterReadings } from './counter-readings.js';
import { DecisionsTable } from './decisions-table.js';
import { correctionsQuery, countersQuery } from './queries.js';
import { UsageList } from './usage-list.js';

/**
 * What somebody should look at of what a device has reported, and what was decided of it (rule U7). Single usages are for
 * who corrects them; everybody else sees the decisions.
 */
export function DeviceCorrections({ device }: { device: DeviceDetailView }) {
  const { t } = useTranslation();
  const corrections = useQuery(correctionsQuery(device.id));
  const counters = useQuery(countersQuery(device.id));
  const decisions = corrections.data ?? [];
  const readings = counters.data?.rows ?? [];
  const error = corrections.error ?? counters.error;
  const isKnown = corrections.data !== undefined && counters.data !== undefined;
  const isEmpty = isKnown && !device.mayEdit && decisions.length + readings.length === 0;
  return (
    <Section title={t('corrections.title')} lead={t('corrections.lead')}>
      <ErrorNotice error={error} onRetry={() => void Promise.all([corrections.refetch(), counters.refetch()])} />
      {!isKnown && error === null && <Loading />}
      {isEmpty && <Text c="dimmed">{t('corrections.nothing')}</Text>}
      {readings.length > 0 && <CounterReadings device={device} readings={readings} mayDecide={device.mayEdit} />}
      {device.mayEdit && <UsageList device={device} />}
      {decisions.length > 0 && <DecisionsTable rows={decisions} />}
    </Section>
  );
}
