import { devicesApi, type CallOf, type ResponseOf } from '#contracts';
import { DEVICE_LIFECYCLES, FAMILIES, type DeviceLifecycle } from '#domain';
import { NativeSelect, Select, Stack, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { useFormat } from '../format.js';
import { Form } from '../forms/form.js';
import { NodePicker } from '../forms/node-picker.js';
import { NumberField } from '../forms/number-field.js';
import { OptionalText } from '../forms/optional-text.js';
import { RegisterDevice } from '../forms/schemas.js';
import { Fields, Section } from '../forms/section.js';
import { useSchemaForm } from '../forms/use-schema-form.js';
import { PageTitle } from '../parts/page-title.js';
import { productsQuery } from '../products/queries.js';
import { CredentialsDialog } from './credentials.js';

type Body = CallOf<typeof devicesApi.register>['body'];

// A type, not an interface: the form wants an index signature.
type DeviceDraft = {
  productId: string | null;
  ownerNodeId: string | null;
  assetTag: string;
  serial: string | null;
  lifecycle: DeviceLifecycle;
  expectedIntervalSeconds: number | null;
};

const route = getRouteApi('/shell/devices/new');

export function RegisterDevicePage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const { product = null } = route.useSearch();
  const [registered, setRegistered] = useState<ResponseOf<typeof devicesApi.register> | null>(null);
  const form = useSchemaForm<DeviceDraft>(RegisterDevice, {
    productId: product,
    ownerNodeId: null,
    assetTag: '',
    serial: null,
    lifecycle: 'in_stock',
    expectedIntervalSeconds: null,
  });
  const saving = useMutation({
    mutationFn: (draft: DeviceDraft) => call(devicesApi.register, { body: draft as Body }),
    onSuccess: async (answer) => {
      setRegistered(answer);
      await queryClient.invalidateQueries({ queryKey: ['devices'] });
    },
  });
  return (
    <>
      <PageTitle title={t('devices.register')} lead={t('devices.registerLead')} />
      <Stack maw={860}>
        <Form
          form={form}
          saving={saving}
          submitLabel={t('devices.register')}
          onCancel={() => void navigate({ to: '/devices' })}
        >
          <DeviceFields form={form} />
        </Form>
      </Stack>
      {registered !== null && (
        <CredentialsDialog
          credentials={registered.credentials}
          family={registered.device.family}
          onClose={() => void navigate({ to: '/devices/$id', params: { id: registered.device.id } })}
        />
      )}
    </>
  );
}

/** The states in which a device can enter the register. */
const FIRST_LIFECYCLES = DEVICE_LIFECYCLES.filter((lifecycle) => lifecycle !== 'lost' && lifecycle !== 'retired');

function DeviceFields({ form }: { form: UseFormReturnType<DeviceDraft> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const products = useQuery(productsQuery()).data?.rows ?? [];
  const chosen = products.find(({ id }) => id === form.values.productId);
  const options = products.map(({ id, model, supplier }) => ({ value: id, label: `${model} · ${supplier}` }));
  const interval = chosen && FAMILIES[chosen.family].expectedIntervalSeconds;
  return (
    <Section title={t('devices.what')}>
      <Select
        label={t('devices.product')}
        description={t('devices.productHint')}
        data={options}
        searchable
        nothingFoundMessage={t('forms.nothingFound')}
        withAsterisk
        {...form.getInputProps('productId')}
      />
      <NodePicker
        label={t('devices.owner')}
        description={t('devices.ownerHint')}
        withAsterisk
        {...form.getInputProps('ownerNodeId')}
      />
      <Fields>
        <TextInput
          label={t('devices.assetTag')}
          description={t('devices.assetTagHint')}
          withAsterisk
          {...form.getInputProps('assetTag')}
        />
        <OptionalText label={t('devices.serial')} description={t('forms.optional')} {...form.getInputProps('serial')} />
      </Fields>
      <Fields>
        <NativeSelect
          label={t('devices.lifecycle')}
          description={t('devices.lifecycleHint')}
          data={FIRST_LIFECYCLES.map((value) => ({ value, label: t(`words.lifecycle.${value}`) }))}
          {...form.getInputProps('lifecycle')}
        />
        <NumberField
          label={t('devices.interval')}
          description={
            interval ? t('devices.intervalDefault', { interval: format.duration(interval) }) : t('devices.intervalHint')
          }
          unit="s"
          allowDecimal={false}
          allowNegative={false}
          {...form.getInputProps('expectedIntervalSeconds')}
        />
      </Fields>
    </Section>
  );
}
