import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Section } from '../forms/section.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { rejectsQuery } from './queries.js';
import { RejectsList } from './rejects-list.js';

const SHOWN = 20;

/** The newest messages of one device that could not be taken. */
export function DeviceRejects({ deviceId }: { deviceId: string }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(rejectsQuery({ deviceId, limit: SHOWN }));
  return (
    <Section title={t('rejects.title')} lead={data && data.total > 0 && t('rejects.ofDevice', { count: data.total })}>
      <ErrorNotice error={error} onRetry={() => void refetch()} />
      {data?.total === 0 && <Text c="dimmed">{t('rejects.none')}</Text>}
      {data !== undefined && data.rows.length > 0 && <RejectsList rejects={data.rows} isOneDevice />}
    </Section>
  );
}
