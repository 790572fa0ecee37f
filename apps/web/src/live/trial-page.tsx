import type { LiveTrialView } from '#contracts';
import { Stack } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useLive } from '../live.js';
import { PageState } from '../parts/page-state.js';
import { BenefitLines } from './benefit-lines.js';
import { DeviceTable } from './device-table.js';
import { Economy } from './economy.js';
import { LiveStatus, ReconnectBanner } from './live-status.js';
import { LiveSummary } from './live-summary.js';
import { Today } from './today.js';
import { TrialBenefit } from './trial-benefit.js';
import { TrialHeading } from './trial-heading.js';

const route = getRouteApi('/shell/trials/$id/live');

/** A trial as it stands now: benefit so far against plan, how it is counted, and the use behind it. */
export function TrialPage() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const { data: view, error, refetch, status } = useLive<LiveTrialView>('trial', id);
  if (view === undefined)
    return <PageState title={t('live.trialTitle')} error={error} onRetry={() => void refetch()} />;
  const { benefit } = view;
  return (
    <>
      <ReconnectBanner status={status} />
      <TrialHeading trial={view.trial} actions={<LiveStatus status={status} asOf={view.asOf} />} />
      <LiveSummary view={view} />
      <Stack gap={40}>
        <TrialBenefit benefit={benefit} />
        <BenefitLines lines={benefit.lines} />
        <Today view={view} />
        <DeviceTable devices={view.devices} />
        <Economy planned={benefit.planned} />
      </Stack>
    </>
  );
}
