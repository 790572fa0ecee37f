import type { GatewayPageView, GatewaySenderView } from '#contracts';
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { Section } from '../forms/section.js';
import { Age } from '../parts/age.js';
import { DataTable, type Column } from '../parts/data-table.js';

/** The edge nodes behind a Sparkplug gateway, and what their own counts show to be missing. */
export function GatewaySenders({ page: { gateway, senders } }: { page: GatewayPageView }) {
  const { t } = useTranslation();
  const columns = useColumns();
  if (gateway.ecosystem !== 'sparkplug') return null;
  return (
    <Section title={t('gateways.senders')} lead={t('gateways.sendersLead')}>
      {senders.length === 0 ? (
        <Text c="dimmed">{t('gateways.noSenders')}</Text>
      ) : (
        <DataTable caption={t('gateways.senders')} rows={senders} columns={columns} rowKey={({ name }) => name} />
      )}
    </Section>
  );
}

function useColumns(): Column<GatewaySenderView>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return [
    {
      id: 'name',
      header: t('gateways.sender'),
      isRowHeader: true,
      value: ({ name }) => name,
      cell: ({ name }) => name,
    },
    {
      id: 'born',
      header: t('gateways.bornAt'),
      value: ({ bornAt }) => bornAt,
      cell: ({ bornAt }) => <Age at={bornAt} />,
    },
    {
      id: 'devices',
      header: t('gateways.senderDevices'),
      align: 'end',
      value: ({ devices }) => devices,
      cell: ({ devices }) => format.number(devices),
    },
    {
      id: 'gaps',
      header: t('gateways.gaps'),
      align: 'end',
      value: ({ gaps }) => gaps,
      cell: ({ gaps }) => format.number(gaps),
    },
    {
      id: 'last',
      header: t('gateways.lastGap'),
      value: ({ lastGapAt }) => lastGapAt,
      cell: (sender) => <LastGap sender={sender} />,
    },
  ];
}

function LastGap({ sender: { lastGapAt, lastGap } }: { sender: GatewaySenderView }) {
  const { t } = useTranslation();
  if (lastGapAt === null) return t('gateways.noGap');
  return (
    <>
      <Age at={lastGapAt} />
      <Text size="sm" c="dimmed" component="span" display="block" lang="en">
        {lastGap}
      </Text>
    </>
  );
}
