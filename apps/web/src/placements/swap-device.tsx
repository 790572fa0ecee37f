import { placementsApi, type CallOf, type DeviceView, type PlacementView } from '#contracts';
import { Select, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { devicesQuery } from '../devices/queries.js';
import { FormDialog } from '../forms/dialog.js';
import { Form } from '../forms/form.js';
import { InstantField } from '../forms/instant-field.js';
import { newPlacement, type PlacementDraft } from './placement-fields.js';
import { useCustodyChanged } from './queries.js';
import { usePlacementForm } from './use-placement-form.js';

type Body = CallOf<typeof placementsApi.place>['body'];

interface SwapDeviceProps {
  device: DeviceView;
  placement: PlacementView;
  onClose: () => void;
}

/** Another device of the same family takes over the place, and the series goes on (rule U10). */
export default function SwapDevice({ device, placement, onClose }: SwapDeviceProps) {
  const { t } = useTranslation();
  const custodyChanged = useCustodyChanged();
  const { nodeId, purpose, arm, trialId } = placement;
  const form = usePlacementForm(newPlacement({ nodeId, purpose, arm, trialId, replaces: placement.id }));
  const saving = useMutation({
    mutationFn: (draft: PlacementDraft) => call(placementsApi.place, { body: draft as Body }),
    onSuccess: async () => {
      await custodyChanged();
      onClose();
    },
  });
  return (
    <FormDialog opened onClose={onClose} title={t('placements.swapTitle', { device: device.assetTag })}>
      <Form form={form} saving={saving} submitLabel={t('placements.swap')} onCancel={onClose}>
        <Text size="sm">{t('placements.swapText', { where: placement.nodeName })}</Text>
        <FreeDevices device={device} {...form.getInputProps('deviceId')} />
        <InstantField label={t('placements.swapAt')} required {...form.getInputProps('startsAt')} />
      </Form>
    </FormDialog>
  );
}

/** Devices of the same family that stand nowhere. */
function FreeDevices({ device, ...props }: { device: DeviceView }) {
  const { t } = useTranslation();
  const { data } = useQuery(devicesQuery());
  const free = data?.rows.filter(
    (other) => other.family === device.family && other.placement === null && other.lifecycle !== 'retired',
  );
  return (
    <Select
      label={t('placements.otherDevice')}
      description={free?.length === 0 ? t('placements.noFreeDevice') : t('placements.otherDeviceHint')}
      data={free?.map(({ id, assetTag, productName }) => ({ value: id, label: `${assetTag} · ${productName}` })) ?? []}
      searchable
      nothingFoundMessage={t('forms.nothingFound')}
      withAsterisk
      {...props}
    />
  );
}
