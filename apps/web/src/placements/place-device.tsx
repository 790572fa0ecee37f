import { placementsApi, type CallOf, type DeviceView } from '#contracts';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { FormDialog } from '../forms/dialog.js';
import { Form } from '../forms/form.js';
import { newPlacement, PlacementFields, type PlacementDraft } from './placement-fields.js';
import { useCustodyChanged } from './queries.js';
import { usePlacementForm } from './use-placement-form.js';

type Body = CallOf<typeof placementsApi.place>['body'];

/** Places a device that stands nowhere. */
export default function PlaceDevice({ device, onClose }: { device: DeviceView; onClose: () => void }) {
  const { t } = useTranslation();
  const custodyChanged = useCustodyChanged();
  const form = usePlacementForm(newPlacement({ deviceId: device.id }));
  const saving = useMutation({
    mutationFn: (draft: PlacementDraft) => call(placementsApi.place, { body: draft as Body }),
    onSuccess: async () => {
      await custodyChanged();
      onClose();
    },
  });
  return (
    <FormDialog opened onClose={onClose} title={t('placements.placeTitle', { device: device.assetTag })}>
      <Form form={form} saving={saving} submitLabel={t('placements.place')} onCancel={onClose}>
        <PlacementFields form={form} />
      </Form>
    </FormDialog>
  );
}
