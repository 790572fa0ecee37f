import type { GatewayView } from '#contracts';
import { Button, Code, Group, Stack } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { Facts } from '../forms/facts.js';
import { Section } from '../forms/section.js';
import { Age } from '../parts/age.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { Loading } from '../parts/loading.js';
import { PageTitle } from '../parts/page-title.js';
import { useMay } from '../session.js';
import { GatewayDevices } from './gateway-children.js';
import { GatewaySenders } from './gateway-senders.js';
import { Connection } from './gateways-page.js';
import { gatewayQuery } from './queries.js';

const EditDialog = lazy(() => import('./change-gateway.js').then((file) => ({ default: file.EditGatewayDialog })));
const CloseDialog = lazy(() => import('./change-gateway.js').then((file) => ({ default: file.CloseGatewayDialog })));
const Rotate = lazy(() => import('./gateway-credentials.js').then((file) => ({ default: file.RotateGatewaySecret })));

const DIALOGS = { edit: EditDialog, close: CloseDialog, rotate: Rotate };
type Dialog = keyof typeof DIALOGS;

const route = getRouteApi('/shell/gateways/$id');

export function GatewayPage() {
  const { id } = route.useParams();
  const { data, error, refetch } = useQuery(gatewayQuery(id));
  const [opened, setOpened] = useState<Dialog | null>(null);
  if (error !== null && data === undefined) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  const { gateway } = data;
  const Opened = opened === null ? null : DIALOGS[opened];
  return (
    <>
      <Head gateway={gateway} onOpen={setOpened} />
      <Stack>
        <GatewayFacts gateway={gateway} />
        <GatewayDevices page={data} />
        <GatewaySenders page={data} />
        <Access gateway={gateway} onOpen={setOpened} />
      </Stack>
      <Suspense fallback={null}>{Opened && <Opened gateway={gateway} onClose={() => setOpened(null)} />}</Suspense>
    </>
  );
}

interface PartProps {
  gateway: GatewayView;
  onOpen: (dialog: Dialog) => void;
}

/** A closed gateway stays as it was. */
const useMayChange = ({ endedAt }: GatewayView): boolean => useMay('device:edit') && endedAt === null;

function Head({ gateway, onOpen }: PartProps) {
  const { t } = useTranslation();
  const edit = useMayChange(gateway) && (
    <Button variant="default" leftSection={<IconPencil size={18} aria-hidden />} onClick={() => onOpen('edit')}>
      {t('forms.edit')}
    </Button>
  );
  const lead = `${t(`mappings.ecosystem.${gateway.ecosystem}`)} · ${gateway.ownerNodeName}`;
  return <PageTitle title={gateway.name} lead={lead} actions={edit || undefined} />;
}

function GatewayFacts({ gateway }: { gateway: GatewayView }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Section title={t('gateways.facts')}>
      <Facts
        rows={[
          { label: t('gateways.connected'), value: <Connection gateway={gateway} /> },
          { label: t('gateways.lastReceived'), value: <Age at={gateway.lastReceivedAt} /> },
          { label: t('gateways.username'), value: gateway.publicId },
          {
            label: t('gateways.topics'),
            value: (
              <Stack gap={4} align="flex-start">
                {gateway.topics.map((topic) => (
                  <Code key={topic}>{topic}</Code>
                ))}
              </Stack>
            ),
          },
          { label: t('gateways.registeredAt'), value: format.dateTime(gateway.createdAt) },
        ]}
      />
    </Section>
  );
}

function Access({ gateway, onOpen }: PartProps) {
  const { t } = useTranslation();
  if (!useMayChange(gateway)) return null;
  return (
    <Section title={t('gateways.access')} lead={t('gateways.accessLead', { publicId: gateway.publicId })}>
      <Group gap="sm">
        <Button variant="default" onClick={() => onOpen('rotate')}>
          {t('gateways.rotate')}
        </Button>
        <Button variant="default" onClick={() => onOpen('close')}>
          {t('gateways.close')}
        </Button>
      </Group>
    </Section>
  );
}
