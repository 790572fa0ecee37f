import type { DeviceDetailView, DeviceView, PlacementView } from '#contracts';
import { Button, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Section } from '../forms/section.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { PlacementsTable } from './placements-table.js';
import { placementsQuery } from './queries.js';

const PlaceDevice = lazy(() => import('./place-device.js'));
const MoveDevice = lazy(() => import('./move-device.js'));
const SwapDevice = lazy(() => import('./swap-device.js'));
const EndPlacement = lazy(() => import('./end-placement.js'));

type Kind = 'place' | 'move' | 'swap' | 'end';
/** What is being done, to the placement as it stood when it was begun: a later answer must not pull the dialog away. */
type Doing = { kind: Kind; placement: PlacementView | null } | null;

/** Where a device stands and has stood; usage belongs to the placement of its time. */
export function DevicePlacements({ device }: { device: DeviceDetailView }) {
  const { t } = useTranslation();
  const [doing, setDoing] = useState<Doing>(null);
  const { data, error, refetch } = useQuery(placementsQuery({ deviceId: device.id }));
  const close = () => setDoing(null);
  const rows = data?.rows ?? [];
  return (
    <Section
      title={t('placements.title')}
      lead={t('placements.lead')}
      actions={<Actions device={device} onDo={(kind) => setDoing({ kind, placement: device.placement })} />}
    >
      <ErrorNotice error={error} onRetry={() => void refetch()} />
      {data !== undefined && rows.length === 0 && <Text c="dimmed">{t('placements.none')}</Text>}
      {rows.length > 0 && <PlacementsTable rows={rows} caption={t('placements.title')} by="node" />}
      <Suspense fallback={null}>
        {doing !== null && <Doings kind={doing.kind} device={device} placement={doing.placement} onClose={close} />}
      </Suspense>
    </Section>
  );
}

interface ActionsProps {
  device: DeviceDetailView;
  onDo: (kind: Kind) => void;
}

function Actions({ device: { placement, lifecycle, mayEdit }, onDo }: ActionsProps) {
  const { t } = useTranslation();
  if (!mayEdit || lifecycle === 'retired') return null;
  if (placement === null) return <Button onClick={() => onDo('place')}>{t('placements.place')}</Button>;
  return (['move', 'swap', 'end'] as const).map((kind) => (
    <Button key={kind} variant="default" onClick={() => onDo(kind)}>
      {t(`placements.${kind}`)}
    </Button>
  ));
}

interface DoingsProps {
  kind: Kind;
  device: DeviceView;
  placement: PlacementView | null;
  onClose: () => void;
}

function Doings({ kind, device, placement, onClose }: DoingsProps) {
  if (placement === null) return <PlaceDevice device={device} onClose={onClose} />;
  if (kind === 'move') return <MoveDevice device={device} placement={placement} onClose={onClose} />;
  if (kind === 'swap') return <SwapDevice device={device} placement={placement} onClose={onClose} />;
  return <EndPlacement placement={placement} onClose={onClose} />;
}
