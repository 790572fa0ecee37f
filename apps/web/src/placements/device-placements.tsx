import type { DeviceView, PlacementView } from '#contracts';
import { Button, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Section } from '../forms/section.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { useMay } from '../session.js';
import { PlacementsTable } from './placements-table.js';
import { placementsQuery } from './queries.js';

const PlaceDevice = lazy(() => import('./place-device.js'));
const MoveDevice = lazy(() => import('./move-device.js'));
const SwapDevice = lazy(() => import('./swap-device.js'));
const EndPlacement = lazy(() => import('./end-placement.js'));

type Doing = 'place' | 'move' | 'swap' | 'end' | null;

/** Where a device stands and has stood; usage belongs to the placement of its time. */
export function DevicePlacements({ device }: { device: DeviceView }) {
  const { t } = useTranslation();
  const [doing, setDoing] = useState<Doing>(null);
  const { data, error, refetch } = useQuery(placementsQuery({ deviceId: device.id }));
  const close = () => setDoing(null);
  const rows = data?.rows ?? [];
  return (
    <Section title={t('placements.title')} lead={t('placements.lead')} actions={<Actions device={device} onDo={setDoing} />}>
      <ErrorNotice error={error} onRetry={() => void refetch()} />
      {data !== undefined && rows.length === 0 && <Text c="dimmed">{t('placements.none')}</Text>}
      {rows.length > 0 && <PlacementsTable rows={rows} caption={t('placements.title')} by="node" />}
      <Suspense fallback={null}>
        {doing === 'place' && <PlaceDevice device={device} onClose={close} />}
        {device.placement !== null && <Doings doing={doing} device={device} placement={device.placement} onClose={close} />}
      </Suspense>
    </Section>
  );
}

function Actions({ device: { placement, lifecycle }, onDo }: { device: DeviceView; onDo: (doing: Doing) => void }) {
  const { t } = useTranslation();
  if (!useMay('device:edit') || lifecycle === 'retired') return null;
  if (placement === null) return <Button onClick={() => onDo('place')}>{t('placements.place')}</Button>;
  return (['move', 'swap', 'end'] as const).map((doing) => (
    <Button key={doing} variant="default" onClick={() => onDo(doing)}>
      {t(`placements.${doing}`)}
    </Button>
  ));
}

interface DoingsProps {
  doing: Doing;
  device: DeviceView;
  placement: PlacementView;
  onClose: () => void;
}

function Doings({ doing, device, placement, onClose }: DoingsProps) {
  if (doing === 'move') return <MoveDevice device={device} placement={placement} onClose={onClose} />;
  if (doing === 'swap') return <SwapDevice device={device} placement={placement} onClose={onClose} />;
  return doing === 'end' ? <EndPlacement placement={placement} onClose={onClose} /> : null;
}
