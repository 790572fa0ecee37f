import { type CallOf, countersApi, type CounterReadingView, type DeviceView } from '#contracts';
import { COUNTER_DECISIONS } from '#domain';
import { NativeSelect } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { useFormat } from '../format.js';
import { FormDialog } from '../forms/dialog.js';
import { Facts } from '../forms/facts.js';
import { Form } from '../forms/form.js';
import { ReasonField } from '../forms/reason-field.js';
import { CorrectCounter as schema } from '../forms/schemas.js';
import { useSchemaForm } from '../forms/use-schema-form.js';
import { refreshUse } from './queries.js';

type Draft = CallOf<typeof countersApi.correct>['body'] & { reason: string };

interface DecideCounterProps {
  device: DeviceView;
  reading: CounterReadingView;
  onClose: () => void;
}

/** What a counter's reading is: the newest decision counts, so it can always be decided anew. */
export default function DecideCounter({ device, reading, onClose }: DecideCounterProps) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const { metric, at, readingId, decision, kind } = reading;
  const decided = decision?.decided ?? (kind === 'reset' ? 'reset' : 'glitch');
  const form = useSchemaForm<Draft>(schema, { metric, at, readingId, decided, reason: '' });
  const saving = useMutation({
    mutationFn: (body: Draft) => call(countersApi.correct, { params: { id: device.id }, body }),
    onSuccess: async () => {
      await refreshUse(queryClient, device.id);
      onClose();
    },
  });
  return (
    <FormDialog opened onClose={onClose} title={t('corrections.decideTitle')}>
      <Form form={form} saving={saving} submitLabel={t('forms.save')} onCancel={onClose}>
        <Reading reading={reading} />
        <NativeSelect
          label={t('corrections.decision')}
          description={t(`corrections.counterEffect.${form.values.decided}`)}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          data={COUNTER_DECISIONS.map((one) => ({ value: one, label: t(`corrections.counterDecision.${one}`) }))}
          {...form.getInputProps('decided')}
        />
        <ReasonField
          label={t('corrections.why')}
          description={t('forms.optional')}
          withAsterisk={false}
          {...form.getInputProps('reason')}
        />
      </Form>
    </FormDialog>
  );
}

function Reading({ reading: { at, value, previous, kind } }: { reading: CounterReadingView }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Facts
      rows={[
        { label: t('corrections.reading'), value: format.number(value, 3) },
        { label: t('corrections.previous'), value: previous === null ? null : format.number(previous, 3) },
        { label: t('corrections.at'), value: format.exactTime(at) },
        { label: t('corrections.kind'), value: kind === null ? null : t(`corrections.kindText.${kind}`) },
      ]}
    />
  );
}
