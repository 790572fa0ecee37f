import { type CallOf, countersApi, type CounterReadingView, type DeviceView } from '#contracts';
import { COUNTER_DECISIONS } from '#domain';
import { NativeSelect, Text, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { useFormat } from '../format.js';
import { FormDialog } from '../forms/dialog.js';
import { Form } from '../forms/form.js';
import { CorrectCounter as schema } from '../forms/schemas.js';
import { useSchemaForm } from '../forms/use-schema-form.js';
import { correctionsKey } from './queries.js';

type Draft = CallOf<typeof countersApi.correct>['body'] & { reason: string };

interface DecideCounterProps {
  device: DeviceView;
  reading: CounterReadingView;
  onClose: () => void;
}

/** What a counter's reading is: the newest decision counts, so it can always be decided anew. */
export default function DecideCounter({ device, reading, onClose }: DecideCounterProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const queryClient = useQueryClient();
  const { metric, at, readingId, decision, value } = reading;
  const decided = decision?.decided ?? 'glitch';
  const form = useSchemaForm<Draft>(schema, { metric, at, readingId, decided, reason: '' });
  const saving = useMutation({
    mutationFn: (body: Draft) => call(countersApi.correct, { params: { id: device.id }, body }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: correctionsKey(device.id) });
      onClose();
    },
  });
  const what = `${format.number(value, 3)}, ${format.exactTime(at)}`;
  return (
    <FormDialog opened onClose={onClose} title={t('corrections.decide')}>
      <Form form={form} saving={saving} submitLabel={t('forms.save')} onCancel={onClose}>
        <Text size="sm">{what}</Text>
        <NativeSelect
          label={t('corrections.decision')}
          data={COUNTER_DECISIONS.map((one) => ({ value: one, label: t(`corrections.counterDecision.${one}`) }))}
          {...form.getInputProps('decided')}
        />
        <Textarea label={t('corrections.why')} autosize minRows={2} maxLength={500} {...form.getInputProps('reason')} />
      </Form>
    </FormDialog>
  );
}
