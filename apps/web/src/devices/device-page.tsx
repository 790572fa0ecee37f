import type { DeviceDetailView, DeviceView, SignalView } from '#contracts';
import { Alert, Button, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconAlertTriangle, IconPencil } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { DeviceCorrections } from '../corrections/device-corrections.js';
import { DeviceEntries } from '../entries/device-entries.js';
import { useFormat } from '../format.js';
import { Facts } from '../forms/facts.js';
import { Section } from '../forms/section.js';
import { Age } from '../parts/age.js';
import { BatteryFact } from '../parts/battery-fact.js';
import { ClockFact } from '../parts/clock-fact.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { TextLink } from '../parts/links.js';
import { Loading } from '../parts/loading.js';
import { PageTitle } from '../parts/page-title.js';
import { SignalFacts } from '../parts/signal-facts.js';
import { DevicePlacements } from '../placements/device-placements.js';
import { DeviceRejects } from '../rejects/device-rejects.js';
import { useMay } from '../session.js';
import { DeviceDays } from './device-days.js';
import { LifecycleBadge } from './lifecycle-badge.js';
import { deviceQuery } from './queries.js';

const EditDeviceDialog = lazy(() => import('./edit-device.js'));
const RotateSecret = lazy(() => import('./rotate-secret.js'));

const route = getRouteApi('/shell/devices/$id');

export function DevicePage() {
  const { id } = route.useParams();
  const { data, error, refetch } = useQuery(deviceQuery(id));
  if (data === undefined)
    return error === null ? <Loading /> : <ErrorNotice error={error} onRetry={() => void refetch()} />;
  return <Device device={data} />;
}

function Device({ device }: { device: DeviceDetailView }) {
  const { t } = useTranslation();
  const { mayEdit } = device;
  const mayEditOthers = useMay('device:edit') && !mayEdit;
  const mayReadRejects = useMay('reject:read');
  return (
    <>
      <PageTitle
        title={device.assetTag}
        lead={
          <TextLink to="/products/$id" params={{ id: device.productId }}>
            {device.productName}
          </TextLink>
        }
        marks={<LifecycleBadge lifecycle={device.lifecycle} />}
        actions={mayEdit && <EditButton device={device} />}
      />
      <Stack>
        {device.isCanary && <Text size="sm">{t('devices.canaryHint')}</Text>}
        {mayEditOthers && <Text c="dimmed">{t('devices.ownerEdits', { owner: device.ownerNodeName })}</Text>}
        <Alarms device={device} />
        <Section title={t('devices.signal')}>
          {device.signal ? <Signal signal={device.signal} /> : <Text c="dimmed">{t('devices.notShownExplained')}</Text>}
        </Section>
        <DeviceDays deviceId={device.id} />
        <Identity device={device} />
        <DevicePlacements device={device} />
        {mayEdit && device.lifecycle !== 'retired' && <Credentials device={device} />}
        <DeviceEntries device={device} />
        <DeviceCorrections device={device} />
        {mayReadRejects && <DeviceRejects deviceId={device.id} />}
      </Stack>
    </>
  );
}

function EditButton({ device }: { device: DeviceView }) {
  const { t } = useTranslation();
  const [isOpen, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button variant="default" leftSection={<IconPencil size={18} aria-hidden />} onClick={open}>
        {t('devices.edit')}
      </Button>
      <Suspense fallback={null}>{isOpen && <EditDeviceDialog device={device} onClose={close} />}</Suspense>
    </>
  );
}

/** What somebody should look into (rules U1, U2, U8). */
function Alarms({ device: { signal, lifecycle, placement } }: { device: DeviceView }) {
  const { t } = useTranslation();
  if (signal === null) return null;
  const alarms = [
    lifecycle === 'lost' && signal.reporting === 'reporting' && t('devices.lostSpeaks'),
    signal.repeatsNotDetectable && t('devices.repeatsNotDetectable'),
    signal.idsRepeat && t('devices.idsRepeat'),
    placement === null && signal.reporting === 'reporting' && t('devices.unplacedSpeaks'),
  ].filter((text) => text !== false);
  return alarms.map((text) => (
    <Alert key={text} variant="outline" color="orange" icon={<IconAlertTriangle aria-hidden />}>
      <Text size="sm">{text}</Text>
    </Alert>
  ));
}

/** The three facts, and the age of what is known. */
function Signal({ signal }: { signal: SignalView }) {
  const { t } = useTranslation();
  return (
    <>
      <SignalFacts signal={signal} />
      <Facts
        rows={[
          { label: t('devices.lastSignal'), value: <Age at={signal.lastSignalAt} /> },
          { label: t('devices.lastReceived'), value: <Age at={signal.lastReceivedAt} /> },
          { label: t('devices.battery'), value: <BatteryFact signal={signal} /> },
          { label: t('devices.firmware'), value: signal.firmware },
          {
            label: t('devices.clockSkew'),
            value:
              signal.clockSkewMs === null ? null : (
                <ClockFact skewMs={signal.clockSkewMs} measuredAt={signal.clockSkewAt} />
              ),
          },
        ]}
      />
    </>
  );
}

function Identity({ device }: { device: DeviceView }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Section title={t('devices.facts')}>
      <Facts
        rows={[
          { label: t('devices.publicId'), value: device.publicId },
          { label: t('devices.serial'), value: device.serial },
          { label: t('devices.owner'), value: device.ownerNodeName },
          { label: t('devices.interval'), value: format.duration(device.expectedIntervalSeconds) },
          { label: t('devices.simulated'), value: t(device.simulated ? 'forms.yes' : 'forms.no') },
          { label: t('devices.registeredAt'), value: format.dateTime(device.createdAt) },
        ]}
      />
    </Section>
  );
}

function Credentials({ device }: { device: DeviceView }) {
  const { t } = useTranslation();
  const [isOpen, { open, close }] = useDisclosure(false);
  return (
    <Section title={t('devices.credentials')} lead={t('devices.credentialsLead')}>
      <div>
        <Button variant="default" onClick={open}>
          {t('devices.rotate')}
        </Button>
      </div>
      <Suspense fallback={null}>{isOpen && <RotateSecret device={device} onClose={close} />}</Suspense>
    </Section>
  );
}
