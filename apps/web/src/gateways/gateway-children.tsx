import { gatewaysApi, type GatewayChildView, type GatewayPageView, type HeardNameView } from '#contracts';
import { Button, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { Section } from '../forms/section.js';
import { Age } from '../parts/age.js';
import { DataTable, type Column } from '../parts/data-table.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { TextLink } from '../parts/links.js';
import { useMay } from '../session.js';
import { GrantChild } from './grant-child.js';

/** Whom the gateway may speak for, and whom it was heard with; null = nobody is being granted. */
export function GatewayDevices({ page: { gateway, children, heard } }: { page: GatewayPageView }) {
  const [granting, setGranting] = useState<string | null>(null);
  const mayEdit = useMay('device:edit') && gateway.endedAt === null;
  return (
    <>
      <Children
        rows={children}
        page={{ id: gateway.id, ecosystem: gateway.ecosystem }}
        {...(mayEdit && { onAdd: () => setGranting('') })}
      />
      <Heard rows={heard} {...(mayEdit && { onGrant: setGranting })} />
      {granting !== null && <GrantChild gateway={gateway} externalName={granting} onClose={() => setGranting(null)} />}
    </>
  );
}

type Ecosystem = GatewayPageView['gateway']['ecosystem'];

interface ChildrenProps {
  rows: GatewayChildView[];
  page: { id: string; ecosystem: Ecosystem };
  onAdd?: () => void;
}

function Children({ rows, page, onAdd }: ChildrenProps) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const removing = useMutation({
    mutationFn: (childId: string) => call(gatewaysApi.removeChild, { params: { id: page.id, childId } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['gateways'] }),
  });
  const columns = useChildColumns(page.ecosystem, onAdd === undefined ? undefined : (id) => removing.mutate(id));
  const add = onAdd && (
    <Button variant="default" onClick={onAdd}>
      {t('gateways.addChild')}
    </Button>
  );
  return (
    <Section title={t('gateways.children')} lead={t('gateways.childrenLead')} actions={add}>
      <ErrorNotice error={removing.error} />
      {rows.length === 0 ? (
        <Text c="dimmed">{t('gateways.noChildren')}</Text>
      ) : (
        <DataTable caption={t('gateways.children')} rows={rows} columns={columns} rowKey={({ id }) => id} />
      )}
    </Section>
  );
}

function useChildColumns(ecosystem: Ecosystem, onRemove?: (id: string) => void): Column<GatewayChildView>[] {
  const { t } = useTranslation();
  return [
    {
      id: 'name',
      header: t('gateways.externalName'),
      isRowHeader: true,
      value: ({ externalName }) => externalName,
      cell: ({ externalName }) => externalName,
    },
    {
      id: 'device',
      header: t('gateways.device'),
      value: ({ assetTag }) => assetTag,
      cell: ({ deviceId, assetTag }) =>
        deviceId === null ? (
          t('gateways.hidden')
        ) : (
          <TextLink to="/devices/$id" params={{ id: deviceId }}>
            {assetTag}
          </TextLink>
        ),
    },
    { id: 'mapping', header: t('gateways.mapping'), cell: (child) => <Mapping child={child} ecosystem={ecosystem} /> },
    {
      id: 'last',
      header: t('gateways.lastReceived'),
      value: ({ lastReceivedAt }) => lastReceivedAt,
      cell: ({ lastReceivedAt }) => <Age at={lastReceivedAt} />,
    },
    ...(onRemove === undefined ? [] : [removal(t('forms.actions'), onRemove)]),
  ];
}

const removal = (header: string, onRemove: (id: string) => void): Column<GatewayChildView> => ({
  id: 'remove',
  header,
  cell: ({ id, externalName }) => <Remove name={externalName} onRemove={() => onRemove(id)} />,
});

function Remove({ name, onRemove }: { name: string; onRemove: () => void }) {
  const { t } = useTranslation();
  return (
    <Button size="xs" variant="default" aria-label={t('gateways.removeName', { name })} onClick={onRemove}>
      {t('gateways.remove')}
    </Button>
  );
}

/** Without a mapping nothing but state and health comes of a device's messages: the way to mend it is one click away. */
function Mapping({ child, ecosystem }: { child: GatewayChildView; ecosystem: Ecosystem }) {
  const { t } = useTranslation();
  const { isMapped, productId, productName } = child;
  if (productId === null) return isMapped ? t('gateways.mapped') : '–';
  return (
    <TextLink to="/products/$id/mappings/$ecosystem" params={{ id: productId, ecosystem }}>
      {isMapped ? t('gateways.mapped') : t('gateways.unmapped', { product: productName ?? '' })}
    </TextLink>
  );
}

function Heard({ rows, onGrant }: { rows: HeardNameView[]; onGrant?: (name: string) => void }) {
  const { t } = useTranslation();
  const columns: Column<HeardNameView>[] = [
    {
      id: 'name',
      header: t('gateways.externalName'),
      isRowHeader: true,
      value: ({ externalName }) => externalName,
      cell: ({ externalName }) => externalName,
    },
    {
      id: 'messages',
      header: t('gateways.heard'),
      align: 'end',
      value: ({ messages }) => messages,
      cell: ({ messages }) => t('gateways.messages', { count: messages }),
    },
    {
      id: 'last',
      header: t('gateways.lastReceived'),
      value: ({ lastAt }) => lastAt,
      cell: ({ lastAt }) => <Age at={lastAt} />,
    },
    ...(onGrant === undefined ? [] : [granting(t('forms.actions'), onGrant)]),
  ];
  return (
    <Section title={t('gateways.heardTitle')} lead={t('gateways.heardLead')}>
      {rows.length === 0 ? (
        <Text c="dimmed">{t('gateways.noHeard')}</Text>
      ) : (
        <DataTable
          caption={t('gateways.heardTitle')}
          rows={rows}
          columns={columns}
          rowKey={({ externalName }) => externalName}
        />
      )}
    </Section>
  );
}

const granting = (header: string, onGrant: (name: string) => void): Column<HeardNameView> => ({
  id: 'grant',
  header,
  cell: ({ externalName }) => <Grant name={externalName} onGrant={() => onGrant(externalName)} />,
});

function Grant({ name, onGrant }: { name: string; onGrant: () => void }) {
  const { t } = useTranslation();
  return (
    <Button size="xs" variant="default" onClick={onGrant}>
      {t('gateways.grantName', { name })}
    </Button>
  );
}
