import type { PlacementView, TrialView } from '#contracts';
import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Section } from '../../forms/section.js';
import { EmptyState } from '../../parts/empty-state.js';
import { ErrorNotice } from '../../parts/error-notice.js';
import { Loading } from '../../parts/loading.js';
import { PlacementsTable } from '../../placements/placements-table.js';
import { placementsQuery } from '../../placements/queries.js';
import { useMay } from '../../session.js';
import { TrialFrame } from './trial-frame.js';

const PlaceInTrial = lazy(() => import('./place-in-trial.js'));
const EndPlacement = lazy(() => import('../../placements/end-placement.js'));

const route = getRouteApi('/shell/trials/$id/devices');

export function TrialDevicesPage() {
  const { id } = route.useParams();
  return <TrialFrame id={id}>{(trial) => <TrialDevices trial={trial} />}</TrialFrame>;
}

/** The devices that stand, and have stood, somewhere for the trial. */
function TrialDevices({ trial }: { trial: TrialView }) {
  const { t } = useTranslation();
  const mayPlace = useMay('device:edit');
  const [isPlacing, setPlacing] = useState(false);
  const { data, error, refetch } = useQuery(placementsQuery({ trialId: trial.id }));
  const add = (
    <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={() => setPlacing(true)}>
      {t('trials.placeDevice')}
    </Button>
  );
  return (
    <>
      <ErrorNotice error={error} onRetry={() => void refetch()} />
      {data === undefined && error === null && <Loading />}
      {data?.rows.length === 0 && (
        <EmptyState
          title={t('trials.noDevices')}
          text={t(mayPlace ? 'trials.noDevicesExplained' : 'trials.noDevicesReader')}
          action={mayPlace && add}
        />
      )}
      {data !== undefined && data.rows.length > 0 && (
        <Section title={t('trials.devicesTitle')} lead={t('placements.lead')} actions={mayPlace && add}>
          <Placements rows={data.rows} />
        </Section>
      )}
      <Suspense fallback={null}>
        {isPlacing && <PlaceInTrial trial={trial} onClose={() => setPlacing(false)} />}
      </Suspense>
    </>
  );
}

function Placements({ rows }: { rows: PlacementView[] }) {
  const { t } = useTranslation();
  const mayEnd = useMay('device:edit');
  const [ending, setEnding] = useState<PlacementView | null>(null);
  const endButton = (placement: PlacementView) =>
    placement.endsAt === null && (
      <Button
        size="xs"
        variant="default"
        onClick={() => setEnding(placement)}
        aria-label={`${t('placements.end')}: ${placement.assetTag}`}
      >
        {t('placements.end')}
      </Button>
    );
  return (
    <>
      <PlacementsTable
        rows={rows}
        caption={t('trials.devicesTitle')}
        by="device"
        {...(mayEnd && { actions: endButton })}
      />
      <Suspense fallback={null}>
        {ending !== null && <EndPlacement placement={ending} onClose={() => setEnding(null)} />}
      </Suspense>
    </>
  );
}
