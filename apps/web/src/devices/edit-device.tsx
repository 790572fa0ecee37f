import { devicesApi, type CallOf, type DeviceView } from '#contracts';
import { nextLifecycles, type DeviceLifecycle } from '#domain';
import { NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { FormDialog } from '../forms/dialog.js';
import { Form } from '../forms/form.js';
import { NodePicker } from '../forms/node-picker.js';
import { NumberField } from '../forms/number-field.js';
import { OptionalText } from '../forms/optional-text.js';
import { EditDevice } from '../forms/schemas.js';
import { Fields } from '../forms/section.js';
import { useSchemaForm } from '../forms/use-schema-form.js';

type Body = CallOf<typeof devicesApi.edit>['body'];

type Draft = {
  ownerNodeId: string | null;
  assetTag: string;
  serial: string | null;
  lifecycle: DeviceLifecycle;
  expectedIntervalSeconds: number | null;
};

interface EditDeviceProps {
  device: DeviceView;
  onClose: () => void;
}

/** Only what was changed is sent, so that staying where it is in its life is no move. */
function changesOf(device: DeviceView, draft: Draft): Body {
  return Object.fromEntries(Object.entries(draft).filter(([name, value]) => device[name as keyof Draft] !== value));
}

/** Changes a device, and moves it on in its life: only to where it can go from here. */
export default function EditDeviceDialog({ device, onClose }: EditDeviceProps) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const { ownerNodeId, assetTag, serial, lifecycle, expectedIntervalSeconds } = device;
  const form = useSchemaForm<Draft>(EditDevice, { ownerNodeId, assetTag, serial, lifecycle, expectedIntervalSeconds });
  const saving = useMutation({
    mutationFn: (draft: Draft) => call(devicesApi.edit, { params: { id: device.id }, body: changesOf(device, draft) }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ['devices'] });
      onClose();
    },
  });
  const lifecycles = [lifecycle, ...nextLifecycles(lifecycle)];
  return (
    <FormDialog opened onClose={onClose} title={t('devices.editTitle', { assetTag })}>
      <Form form={form} saving={saving} submitLabel={t('forms.save')} onCancel={onClose}>
        <NativeSelect
          label={t('devices.lifecycle')}
          description={form.values.lifecycle === 'retired' ? t('devices.retiredHint') : t('devices.lifecycleNext')}
          data={lifecycles.map((value) => ({ value, label: t(`words.lifecycle.${value}`) }))}
          data-autofocus
          {...form.getInputProps('lifecycle')}
        />
        <Fields>
          <TextInput label={t('devices.assetTag')} withAsterisk {...form.getInputProps('assetTag')} />
          <OptionalText
            label={t('devices.serial')}
            description={t('forms.optional')}
            {...form.getInputProps('serial')}
          />
        </Fields>
        <NodePicker label={t('devices.owner')} withAsterisk {...form.getInputProps('ownerNodeId')} />
        <NumberField
          label={t('devices.interval')}
          description={t('devices.intervalHint')}
          unit="s"
          allowDecimal={false}
          allowNegative={false}
          {...form.getInputProps('expectedIntervalSeconds')}
        />
      </Form>
    </FormDialog>
  );
}
