import { gatewaysApi, type CallOf, type ResponseOf } from '#contracts';
import { Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { FormDialog } from '../forms/dialog.js';
import { Form } from '../forms/form.js';
import { RegisterGateway } from '../forms/schemas.js';
import { Section } from '../forms/section.js';
import { useSchemaForm } from '../forms/use-schema-form.js';
import { PageTitle } from '../parts/page-title.js';
import { GatewayFields, type GatewayDraft } from './gateway-fields.js';
import { GatewayCredentials } from './gateway-credentials.js';

type Body = CallOf<typeof gatewaysApi.register>['body'];

export function RegisterGatewayPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [registered, setRegistered] = useState<ResponseOf<typeof gatewaysApi.register> | null>(null);
  const form = useSchemaForm<GatewayDraft>(RegisterGateway, {
    ownerNodeId: null,
    name: '',
    ecosystem: 'zigbee2mqtt',
    topicPrefix: null,
  });
  const saving = useMutation({
    mutationFn: (draft: GatewayDraft) => call(gatewaysApi.register, { body: draft as Body }),
    onSuccess: async (answer) => {
      setRegistered(answer);
      await queryClient.invalidateQueries({ queryKey: ['gateways'] });
    },
  });
  const leave = () => void navigate({ to: '/gateways' });
  const show = (id: string) => void navigate({ to: '/gateways/$id', params: { id } });
  return (
    <>
      <PageTitle title={t('gateways.register')} lead={t('gateways.registerLead')} />
      <Stack maw={860}>
        <Form form={form} saving={saving} submitLabel={t('gateways.register')} onCancel={leave}>
          <Section title={t('gateways.what')}>
            <GatewayFields form={form} isNew />
          </Section>
        </Form>
      </Stack>
      {registered !== null && (
        <FormDialog
          opened
          onClose={() => show(registered.gateway.id)}
          title={t('gateways.credentialsTitle')}
          closeOnEscape={false}
        >
          <GatewayCredentials registered={registered} onClose={() => show(registered.gateway.id)} />
        </FormDialog>
      )}
    </>
  );
}
