import { placementsApi, type CallOf, type PlacementView } from '#contracts';
import { Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { FormDialog } from '../forms/dialog.js';
import { Form } from '../forms/form.js';
import { InstantField } from '../forms/instant-field.js';
import { ReasonField } from '../forms/reason-field.js';
import { placementsApi as forms } from '../forms/schemas.js';
import { useSchemaForm } from '../forms/use-schema-form.js';
import { useCustodyChanged } from './queries.js';

type Body = CallOf<typeof placementsApi.end>['body'];
type Draft = { endsAt: string | null; reason: string };

/** Ends a placement at a time, with why; what is reported afterwards belongs to no unit until the device is placed anew. */
export default function EndPlacement({ placement, onClose }: { placement: PlacementView; onClose: () => void }) {
  const { t } = useTranslation();
  const custodyChanged = useCustodyChanged();
  const form = useSchemaForm<Draft>(forms.end.body.required(), { endsAt: new Date().toISOString(), reason: '' });
  const saving = useMutation({
    mutationFn: (draft: Draft) => call(placementsApi.end, { params: { id: placement.id }, body: draft as Body }),
    onSuccess: async () => {
      await custodyChanged();
      onClose();
    },
  });
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={t('placements.endTitle', { device: placement.assetTag, where: placement.nodeName })}
    >
      <Form form={form} saving={saving} submitLabel={t('placements.end')} isDangerous onCancel={onClose}>
        <Text size="sm">{t('placements.endText')}</Text>
        <InstantField label={t('placements.to')} required {...form.getInputProps('endsAt')} />
        <ReasonField
          label={t('forms.reason')}
          description={t('forms.optional')}
          withAsterisk={false}
          {...form.getInputProps('reason')}
        />
      </Form>
    </FormDialog>
  );
}
