import { gatewaysApi, type CallOf, type GatewayView } from '#contracts';
import { Select, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { devicesQuery } from '../devices/queries.js';
import { FormDialog } from '../forms/dialog.js';
import { Form } from '../forms/form.js';
import { AddGatewayChild } from '../forms/schemas.js';
import { useSchemaForm } from '../forms/use-schema-form.js';

type Body = CallOf<typeof gatewaysApi.addChild>['body'];

type Draft = { externalName: string; deviceId: string | null };

interface GrantChildProps {
  gateway: GatewayView;
  /** A name that was heard; empty to write one. */
  externalName: string;
  onClose: () => void;
}

/** Lets a gateway speak for one device: with a heard name it is one choice and one click. */
export function GrantChild({ gateway, externalName, onClose }: GrantChildProps) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const devices = useQuery(devicesQuery()).data?.rows ?? [];
  const form = useSchemaForm<Draft>(AddGatewayChild, { externalName, deviceId: null });
  const saving = useMutation({
    mutationFn: (draft: Draft) => call(gatewaysApi.addChild, { params: { id: gateway.id }, body: draft as Body }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ['gateways'] });
      onClose();
    },
  });
  const options = devices
    .filter(({ lifecycle }) => lifecycle !== 'retired')
    .map(({ id, assetTag, productName }) => ({ value: id, label: `${assetTag} · ${productName}` }));
  const isHeard = externalName !== '';
  return (
    <FormDialog opened onClose={onClose} title={t('gateways.grant')}>
      <Form form={form} saving={saving} submitLabel={t('gateways.addChild')} onCancel={onClose}>
        <TextInput
          label={t('gateways.externalName')}
          description={t(
            gateway.ecosystem === 'sparkplug' ? 'gateways.externalNameSparkplug' : 'gateways.externalNameHint',
          )}
          withAsterisk
          {...(!isHeard && { 'data-autofocus': true })}
          {...form.getInputProps('externalName')}
        />
        <Select
          label={t('gateways.device')}
          data={options}
          searchable
          nothingFoundMessage={t('forms.nothingFound')}
          withAsterisk
          {...(isHeard && { 'data-autofocus': true })}
          {...form.getInputProps('deviceId')}
        />
      </Form>
    </FormDialog>
  );
}
