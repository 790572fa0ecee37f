import { placementsApi, type CallOf, type TrialView } from '#contracts';
import { Select } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../../api.js';
import { devicesQuery } from '../../devices/queries.js';
import { FormDialog } from '../../forms/dialog.js';
import { Form } from '../../forms/form.js';
import { newPlacement, PlacementFields, type PlacementDraft } from '../../placements/placement-fields.js';
import { useCustodyChanged } from '../../placements/queries.js';
import { usePlacementForm } from '../../placements/use-placement-form.js';

type Body = CallOf<typeof placementsApi.place>['body'];

/** Places a free device of the trial's family for the trial. */
export default function PlaceInTrial({ trial, onClose }: { trial: TrialView; onClose: () => void }) {
  const { t } = useTranslation();
  const custodyChanged = useCustodyChanged();
  const [only, ...others] = trial.participatingNodeIds;
  const nodeId = others.length === 0 ? (only ?? null) : null;
  const form = usePlacementForm(newPlacement({ trialId: trial.id, nodeId }));
  const saving = useMutation({
    mutationFn: (draft: PlacementDraft) => call(placementsApi.place, { body: draft as Body }),
    onSuccess: async () => {
      await custodyChanged();
      onClose();
    },
  });
  return (
    <FormDialog opened onClose={onClose} title={t('trials.placeTitle', { code: trial.code })}>
      <Form form={form} saving={saving} submitLabel={t('placements.place')} onCancel={onClose}>
        <DeviceChoice trial={trial} {...form.getInputProps('deviceId')} />
        <PlacementFields form={form} isTrialGiven />
      </Form>
    </FormDialog>
  );
}

function DeviceChoice({ trial, ...props }: { trial: TrialView }) {
  const { t } = useTranslation();
  const { data } = useQuery(devicesQuery());
  const free = data?.rows.filter(
    ({ family, productId, placement, lifecycle }) =>
      family === trial.family &&
      (trial.productId === null || productId === trial.productId) &&
      placement === null &&
      lifecycle !== 'retired',
  );
  return (
    <Select
      label={t('placements.device')}
      description={t(free?.length === 0 ? 'trials.noFreeDevice' : 'trials.freeDevices')}
      data={free?.map(({ id, assetTag, productName }) => ({ value: id, label: `${assetTag} · ${productName}` })) ?? []}
      searchable
      nothingFoundMessage={t('forms.nothingFound')}
      withAsterisk
      {...props}
    />
  );
}
