import type { GatewayView } from '#contracts';
import { Stack } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { SearchField } from '../forms/search-field.js';
import { Age } from '../parts/age.js';
import { DataTable, type Column } from '../parts/data-table.js';
import { EmptyState } from '../parts/empty-state.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { ButtonLink, TextLink } from '../parts/links.js';
import { Loading } from '../parts/loading.js';
import { PageTitle } from '../parts/page-title.js';
import { useMay } from '../session.js';
import { gatewaysQuery } from './queries.js';

/** The gateways: whether each is there, for how many devices it speaks and whom it was heard with. */
export function GatewaysPage() {
  const { t } = useTranslation();
  const [search, setSearch] = useState('');
  const [asked] = useDebouncedValue(search, 250);
  const { data, error, refetch } = useQuery(gatewaysQuery(asked));
  return (
    <>
      <PageTitle title={t('gateways.title')} lead={t('gateways.lead')} actions={<RegisterLink />} />
      <Stack>
        <SearchField value={search} onChange={setSearch} placeholder={t('gateways.searchHint')} total={data?.total} />
        <ErrorNotice error={error} onRetry={() => void refetch()} />
        {data === undefined && error === null && <Loading />}
        {data !== undefined && <Gateways rows={data.rows} isSearch={asked !== ''} />}
      </Stack>
    </>
  );
}

function RegisterLink() {
  const { t } = useTranslation();
  if (!useMay('device:edit')) return null;
  return (
    <ButtonLink to="/gateways/new" leftSection={<IconPlus size={18} aria-hidden />}>
      {t('gateways.register')}
    </ButtonLink>
  );
}

function Gateways({ rows, isSearch }: { rows: GatewayView[]; isSearch: boolean }) {
  const { t } = useTranslation();
  const columns = useColumns();
  const mayEdit = useMay('device:edit');
  if (rows.length === 0 && isSearch) return <EmptyState title={t('forms.noHits')} text={t('forms.noHitsExplained')} />;
  if (rows.length === 0) {
    const text = t(mayEdit ? 'gateways.noneExplained' : 'gateways.noneReader');
    return <EmptyState title={t('gateways.none')} text={text} action={<RegisterLink />} />;
  }
  return <DataTable caption={t('gateways.title')} rows={rows} columns={columns} rowKey={({ id }) => id} />;
}

function useColumns(): Column<GatewayView>[] {
  const { t } = useTranslation();
  const format = useFormat();
  const systemOf = ({ ecosystem }: GatewayView) => t(`mappings.ecosystem.${ecosystem}`);
  return [
    {
      id: 'name',
      header: t('gateways.name'),
      isRowHeader: true,
      value: ({ name }) => name,
      cell: ({ id, name }) => (
        <TextLink to="/gateways/$id" params={{ id }}>
          {name}
        </TextLink>
      ),
    },
    { id: 'ecosystem', header: t('gateways.ecosystem'), value: systemOf, cell: systemOf },
    {
      id: 'owner',
      header: t('gateways.owner'),
      value: ({ ownerNodeName }) => ownerNodeName,
      cell: ({ ownerNodeName }) => ownerNodeName,
    },
    {
      id: 'connected',
      header: t('gateways.connected'),
      value: ({ connected }) => Number(connected),
      cell: (gateway) => <Connection gateway={gateway} />,
    },
    {
      id: 'lastReceived',
      header: t('gateways.lastReceived'),
      value: ({ lastReceivedAt }) => lastReceivedAt,
      cell: ({ lastReceivedAt }) => <Age at={lastReceivedAt} />,
    },
    {
      id: 'devices',
      header: t('gateways.devices'),
      align: 'end',
      value: ({ children }) => children,
      cell: ({ children }) => t('forms.pieces', { amount: format.number(children) }),
    },
    {
      id: 'heard',
      header: t('gateways.heardTitle'),
      align: 'end',
      value: ({ heard }) => heard,
      cell: ({ heard }) => t('gateways.heardCount', { count: heard }),
    },
  ];
}

/** Whether the gateway is there, in words. */
export function Connection({ gateway: { connected, connectionChangedAt, endedAt } }: { gateway: GatewayView }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (endedAt !== null) return t('gateways.closed');
  if (!connected) return t('gateways.notConnected');
  return connectionChangedAt === null
    ? t('gateways.connected')
    : t('gateways.connectedSince', { at: format.dateTime(connectionChangedAt) });
}
