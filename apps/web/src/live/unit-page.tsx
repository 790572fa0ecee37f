import type { LiveUnitView } from '#contracts';
import { Stack } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useLive } from '../live.js';
import { PageState } from '../parts/page-state.js';
import { PageTitle } from '../parts/page-title.js';
import { DeviceTable } from './device-table.js';
import { LiveStatus, ReconnectBanner } from './live-status.js';
import { LiveSummary } from './live-summary.js';
import { Today } from './today.js';
import { UnitBenefits } from './unit-benefits.js';
import { UnitDays } from './unit-days.js';

const route = getRouteApi('/shell/units/$id');

/** A unit as it stands now: today's use, its devices and the benefit so far. */
export function UnitPage() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const { data: view, error, refetch, status } = useLive<LiveUnitView>('unit', id);
  if (view === undefined) return <PageState title={t('live.unitTitle')} error={error} onRetry={() => void refetch()} />;
  return (
    <>
      <ReconnectBanner status={status} />
      <PageTitle
        title={view.unit.name}
        lead={t(`words.nodeKind.${view.unit.kind}`)}
        actions={<LiveStatus status={status} asOf={view.asOf} />}
      />
      <LiveSummary view={view} />
      <Stack gap={40}>
        <Today view={view} />
        <DeviceTable devices={view.devices} />
        <UnitDays unitId={view.unit.id} />
        <UnitBenefits benefits={view.benefits} />
      </Stack>
    </>
  );
}
