import { placementsApi, type CallOf, type DeviceView, type PlacementView } from '#contracts';
import { Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { FormDialog } from '../forms/dialog.js';
import { Form } from '../forms/form.js';
import { newPlacement, PlacementFields, type PlacementDraft } from './placement-fields.js';
import { useCustodyChanged } from './queries.js';
import { usePlacementForm } from './use-placement-form.js';

type Body = CallOf<typeof placementsApi.place>['body'];

interface MoveDeviceProps {
  device: DeviceView;
  placement: PlacementView;
  onClose: () => void;
}

/** Ends the placement that goes on and begins another at the same moment. */
export default function MoveDevice({ device, placement, onClose }: MoveDeviceProps) {
  const { t } = useTranslation();
  const custodyChanged = useCustodyChanged();
  const { purpose, arm, trialId } = placement;
  const form = usePlacementForm(newPlacement({ deviceId: device.id, purpose, arm, trialId }));
  // When the second step fails, trying again must not end the placement twice.
  const isEnded = useRef(false);
  const saving = useMutation({
    mutationFn: async (draft: PlacementDraft) => {
      const body = draft as Body;
      const at = body.startsAt ? { endsAt: body.startsAt } : {};
      if (!isEnded.current)
        await call(placementsApi.end, { params: { id: placement.id }, body: { ...at, reason: t('placements.moved') } });
      isEnded.current = true;
      return call(placementsApi.place, { body });
    },
    onSuccess: onClose,
    onSettled: custodyChanged,
  });
  return (
    <FormDialog opened onClose={onClose} title={t('placements.moveTitle', { device: device.assetTag })}>
      <Form form={form} saving={saving} submitLabel={t('placements.move')} onCancel={onClose}>
        <Text size="sm">{t('placements.moveText', { where: placement.nodeName })}</Text>
        <PlacementFields form={form} />
      </Form>
    </FormDialog>
  );
}
