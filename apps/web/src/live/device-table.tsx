import type { LiveDeviceView } from '#contracts';
import { Stack, Text, Title } from '@mantine/core';
import type { TFunction } from 'i18next';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat, type Format } from '../format.js';
import { Age } from '../parts/age.js';
import { BatteryFact } from '../parts/battery-fact.js';
import { DataTable, type Column } from '../parts/data-table.js';
import { EmptyState } from '../parts/empty-state.js';
import { SignalFacts } from '../parts/signal-facts.js';
import { familyName, isUse, metricLabel } from './metric-label.js';

/** The devices of a live page: three facts each, never one lamp, and today's use. */
export function DeviceTable({ devices }: { devices: readonly LiveDeviceView[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const columns = useMemo(() => columnsOf(t, format), [t, format]);
  return (
    <Stack component="section" gap="sm" aria-labelledby="devices">
      <Title order={2} size="h3" id="devices">
        {t('live.devices')}
      </Title>
      {devices.length === 0 ? (
        <EmptyState order={3} title={t('live.noDevices')} text={t('live.noDevicesExplained')} />
      ) : (
        <DataTable
          caption={t('live.devices')}
          rows={devices}
          columns={columns}
          rowKey={({ placementId }) => placementId}
          sortedBy={{ id: 'device', desc: false }}
        />
      )}
    </Stack>
  );
}

const REPORTING_ORDER = { never_seen: 0, silent: 1, reporting: 2 } as const;
const usesToday = (device: LiveDeviceView) => device.today.filter(({ family, metric }) => isUse(family, metric));

function columnsOf(t: TFunction, format: Format): Column<LiveDeviceView>[] {
  return [
    {
      id: 'device',
      header: t('live.device'),
      isRowHeader: true,
      value: ({ assetTag }) => assetTag,
      cell: (device) => <DeviceName device={device} />,
    },
    {
      id: 'place',
      header: t('live.place'),
      value: ({ nodeName }) => nodeName,
      cell: (device) => <Place device={device} />,
    },
    {
      id: 'signal',
      header: t('live.signal'),
      value: ({ signal }) => REPORTING_ORDER[signal.reporting],
      cell: ({ signal }) => <SignalFacts signal={signal} />,
    },
    {
      id: 'lastSignal',
      header: t('live.lastSignal'),
      value: ({ signal }) => signal.lastSignalAt,
      cell: ({ signal }) => <Age at={signal.lastSignalAt} />,
    },
    {
      id: 'battery',
      header: t('live.battery'),
      value: ({ signal }) => signal.battery,
      cell: ({ signal }) => <BatteryFact signal={signal} />,
    },
    {
      id: 'today',
      header: t('live.countToday'),
      align: 'end',
      value: (device) => usesToday(device).reduce((sum, { count }) => sum + count, 0),
      cell: (device) => <TodayCounts device={device} format={format} />,
    },
  ];
}

function DeviceName({ device }: { device: LiveDeviceView }) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const { signal } = device;
  return (
    <div>
      <Text fw={600}>{device.assetTag}</Text>
      <Text size="sm">{device.productName}</Text>
      <Text size="sm" c="dimmed">
        {familyName(device.family, locale)}
      </Text>
      {signal.repeatsNotDetectable && <Text size="sm">{t('live.repeatsNotDetectable')}</Text>}
      {signal.idsRepeat && <Text size="sm">{t('live.idsRepeat')}</Text>}
    </div>
  );
}

function Place({ device }: { device: LiveDeviceView }) {
  const { t } = useTranslation();
  return (
    <>
      {device.nodeName}
      <Text size="sm" c="dimmed">
        {t(`words.purpose.${device.purpose}`)}
      </Text>
    </>
  );
}

/** One metric: its number; several: each with its name. */
function TodayCounts({ device, format }: { device: LiveDeviceView; format: Format }) {
  const uses = usesToday(device);
  if (uses.length <= 1) return <Text fw={600}>{format.number(uses[0]?.count ?? 0)}</Text>;
  return uses.map(({ family, metric, count }) => (
    <div key={metric}>
      {metricLabel(family, metric, format.locale)}{' '}
      <Text span fw={600}>
        {format.number(count)}
      </Text>
    </div>
  ));
}
