import type { DeviceView } from '#contracts';
import { Text } from '@mantine/core';
import { IconEyeOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Age } from '../parts/age.js';
import { BatteryFact } from '../parts/battery-fact.js';
import { DataTable, type Column } from '../parts/data-table.js';
import { Fact } from '../parts/fact.js';
import { TextLink } from '../parts/links.js';
import { SignalFacts } from '../parts/signal-facts.js';
import { LifecycleBadge } from './lifecycle-badge.js';

interface DevicesTableProps {
  rows: DeviceView[];
  caption: string;
  showCaption?: boolean;
}

/** Devices with where they stand and what is heard of them, in the register and under a product. */
export function DevicesTable({ rows, caption, showCaption = false }: DevicesTableProps) {
  const columns = [...useIdentityColumns(), ...useSignalColumns()];
  return (
    <DataTable
      caption={caption}
      showCaption={showCaption}
      rows={rows}
      columns={columns}
      rowKey={({ id }) => id}
      sortedBy={{ id: 'assetTag', desc: false }}
    />
  );
}

function useIdentityColumns(): Column<DeviceView>[] {
  const { t } = useTranslation();
  return [
    {
      id: 'assetTag',
      header: t('devices.assetTag'),
      isRowHeader: true,
      value: ({ assetTag }) => assetTag,
      cell: ({ id, assetTag, productName }) => (
        <div>
          <TextLink to="/devices/$id" params={{ id }}>
            {assetTag}
          </TextLink>
          <Text size="sm" c="dimmed">
            {productName}
          </Text>
        </div>
      ),
    },
    {
      id: 'placement',
      header: t('devices.placement'),
      value: ({ placement }) => placement?.nodeName ?? null,
      cell: (device) => <Where device={device} />,
    },
    {
      id: 'lifecycle',
      header: t('devices.lifecycle'),
      value: ({ lifecycle }) => t(`words.lifecycle.${lifecycle}`),
      cell: ({ lifecycle }) => <LifecycleBadge lifecycle={lifecycle} />,
    },
  ];
}

function Where({ device: { placement, signal } }: { device: DeviceView }) {
  const { t } = useTranslation();
  if (placement === null) {
    return (
      <Text span c="dimmed">
        {t(signal === null ? 'devices.notHere' : 'devices.unplaced')}
      </Text>
    );
  }
  return (
    <>
      {placement.nodeName}{' '}
      <Text span size="sm" c="dimmed">
        {[t(`words.purpose.${placement.purpose}`), placement.trialCode].filter(Boolean).join(' · ')}
      </Text>
    </>
  );
}

function useSignalColumns(): Column<DeviceView>[] {
  const { t } = useTranslation();
  return [
    {
      id: 'signal',
      header: t('devices.signal'),
      value: ({ signal }) => signal && `${signal.reporting} ${signal.connected}`,
      cell: ({ signal }) =>
        signal ? <SignalFacts signal={signal} /> : <Fact icon={IconEyeOff} text={t('devices.notShown')} tone="quiet" />,
    },
    {
      id: 'lastSignal',
      header: t('devices.lastSignal'),
      align: 'end',
      value: ({ signal }) => signal?.lastSignalAt ?? null,
      cell: ({ signal }) => (signal ? <Age at={signal.lastSignalAt} /> : '–'),
    },
    {
      id: 'battery',
      header: t('devices.battery'),
      value: ({ signal }) => signal?.battery ?? null,
      cell: ({ signal }) => (signal ? <BatteryFact signal={signal} /> : '–'),
    },
  ];
}
