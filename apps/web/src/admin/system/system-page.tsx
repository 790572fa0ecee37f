import { systemApi, type SystemPartView } from '#contracts';
import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../../api.js';
import { Age } from '../../parts/age.js';
import { PageState } from '../../parts/page-state.js';
import { PageTitle } from '../../parts/page-title.js';
import { ErrorNotice } from '../../parts/error-notice.js';
import { useThrottled } from '../../parts/use-throttled.js';
import { CanarySection } from './canary-section.js';
import { ClocksTable } from './clocks-table.js';
import { needsAttention } from './part-state.js';
import { PartsTable } from './parts-table.js';
import { QueuesSection } from './queues-section.js';

const REFRESH_MS = 5_000;
/** What is read aloud changes at most so often. */
const ANNOUNCE_MS = 30_000;

/** How each part of the installation is, for those who look after it. */
export function SystemPage() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery({
    queryKey: ['system'],
    queryFn: () => call(systemApi.read),
    refetchInterval: REFRESH_MS,
  });
  if (data === undefined) return <PageState title={t('system.title')} error={error} onRetry={() => void refetch()} />;
  return (
    <>
      <PageTitle
        title={t('system.title')}
        lead={t('system.lead')}
        actions={
          <Text size="sm">
            {t('system.updated')} <Age at={data.asOf} />
          </Text>
        }
      />
      <Stack gap={32}>
        <ErrorNotice error={error} onRetry={() => void refetch()} />
        <Summary parts={data.parts} />
        <PartsTable parts={data.parts} />
        <CanarySection canary={data.canary} />
        <QueuesSection system={data} />
        <ClocksTable {...data} />
      </Stack>
    </>
  );
}

function Summary({ parts }: { parts: SystemPartView[] }) {
  const { t } = useTranslation();
  const count = parts.filter(({ state }) => needsAttention(state)).length;
  const text = count === 0 ? t('system.allWell') : t('system.attention', { count });
  return (
    <Text role="status" fw={600}>
      {useThrottled(text, ANNOUNCE_MS)}
    </Text>
  );
}
