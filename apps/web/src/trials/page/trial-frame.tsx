import type { TrialView } from '#contracts';
import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { TrialHeading } from '../../live/trial-heading.js';
import { ErrorNotice } from '../../parts/error-notice.js';
import { Loading } from '../../parts/loading.js';
import { PageTitle } from '../../parts/page-title.js';
import { trialQuery } from '../queries.js';

interface TrialFrameProps {
  id: string;
  actions?: (trial: TrialView) => ReactNode;
  children: (trial: TrialView) => ReactNode;
}

/** Fetches a trial and puts its heading and the way between its pages above one of them. */
export function TrialFrame({ id, actions, children }: TrialFrameProps) {
  const { t } = useTranslation();
  const { data: trial, error, refetch } = useQuery(trialQuery(id));
  if (trial === undefined) {
    return (
      <>
        <PageTitle title={t('live.trialTitle')} />
        {error === null ? <Loading /> : <ErrorNotice error={error} onRetry={() => void refetch()} />}
      </>
    );
  }
  return (
    <>
      <TrialHeading trial={trial} actions={actions?.(trial)} />
      <Stack>{children(trial)}</Stack>
    </>
  );
}
