import { gatewaysApi, type CallOf, type GatewayView } from '#contracts';
import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { FormDialog } from '../forms/dialog.js';
import { Form } from '../forms/form.js';
import { EditGateway } from '../forms/schemas.js';
import { useSchemaForm } from '../forms/use-schema-form.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { GatewayFields, type GatewayDraft } from './gateway-fields.js';

type Body = CallOf<typeof gatewaysApi.edit>['body'];

interface DialogProps {
  gateway: GatewayView;
  onClose: () => void;
}

/** What is done to a gateway shows at once where gateways are shown. */
function useShownAgain(onClose: () => void): () => Promise<void> {
  const queryClient = useQueryClient();
  return async () => {
    await queryClient.invalidateQueries({ queryKey: ['gateways'] });
    onClose();
  };
}

export function EditGatewayDialog({ gateway, onClose }: DialogProps) {
  const { t } = useTranslation();
  const { ownerNodeId, name, ecosystem, topicPrefix } = gateway;
  const draft = { ownerNodeId, name, ecosystem, topicPrefix: topicPrefix || null };
  const form = useSchemaForm<GatewayDraft>(EditGateway, draft);
  const onSuccess = useShownAgain(onClose);
  const saving = useMutation({
    mutationFn: ({ ecosystem: _, ...body }: GatewayDraft) =>
      call(gatewaysApi.edit, { params: { id: gateway.id }, body: body as Body }),
    onSuccess,
  });
  return (
    <FormDialog opened onClose={onClose} title={t('gateways.editTitle', { name })}>
      <Form form={form} saving={saving} submitLabel={t('forms.save')} onCancel={onClose}>
        <GatewayFields form={form} isNew={false} />
      </Form>
    </FormDialog>
  );
}

export function CloseGatewayDialog({ gateway, onClose }: DialogProps) {
  const { t } = useTranslation();
  const onSuccess = useShownAgain(onClose);
  const closing = useMutation({
    mutationFn: () => call(gatewaysApi.close, { params: { id: gateway.id } }),
    onSuccess,
  });
  return (
    <FormDialog opened onClose={onClose} title={t('gateways.closeTitle', { name: gateway.name })}>
      <Stack>
        <Text>{t('gateways.closeText')}</Text>
        <ErrorNotice error={closing.error} />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            {t('forms.cancel')}
          </Button>
          <Button color="red" loading={closing.isPending} onClick={() => closing.mutate()}>
            {t('gateways.close')}
          </Button>
        </Group>
      </Stack>
    </FormDialog>
  );
}
