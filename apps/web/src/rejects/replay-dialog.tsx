import { rejectsApi, type CallOf, type ReplayAnswer } from '#contracts';
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconCheck } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { useFormat } from '../format.js';
import { FormDialog } from '../forms/dialog.js';
import { Form } from '../forms/form.js';
import { NumberField } from '../forms/number-field.js';
import { ReasonField } from '../forms/reason-field.js';

type Body = CallOf<typeof rejectsApi.replay>['body'];
/** Which rejects: by their ids, or all that a filter means. */
export type Chosen = Pick<Body, 'ids'> | Pick<Body, 'filter'>;

type Draft = { reason: string; offsetMinutes: number | null };

interface ReplayDialogProps {
  chosen: Chosen;
  onClose: () => void;
}

/** Sends stored messages again, with what was mended and, where a clock was wrong, by how much. */
export default function ReplayDialog({ chosen, onClose }: ReplayDialogProps) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const form = useForm<Draft>({
    initialValues: { reason: '', offsetMinutes: null },
    validate: { reason: (reason) => (reason.trim() === '' ? t('forms.problem.missing') : null) },
  });
  const saving = useMutation({
    mutationFn: ({ reason, offsetMinutes }: Draft) =>
      call(rejectsApi.replay, { body: { ...chosen, reason, offsetMinutes: offsetMinutes ?? 0 } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['rejects'] }),
  });
  return (
    <FormDialog opened onClose={onClose} title={t('rejects.replayTitle')}>
      {saving.data === undefined ? (
        <Form form={form} saving={saving} submitLabel={t('rejects.replay')} onCancel={onClose}>
          <Text size="sm">{t('rejects.replayText')}</Text>
          <ReasonField label={t('rejects.replayReason')} {...form.getInputProps('reason')} />
          <NumberField
            label={t('rejects.offset')}
            description={t('rejects.offsetHint')}
            unit="min"
            {...form.getInputProps('offsetMinutes')}
          />
        </Form>
      ) : (
        <Outcome answer={saving.data} onClose={onClose} onAgain={() => saving.mutate(form.getValues())} />
      )}
    </FormDialog>
  );
}

interface OutcomeProps {
  answer: ReplayAnswer;
  onClose: () => void;
  onAgain: () => void;
}

function Outcome({ answer: { queued, skipped, left }, onClose, onAgain }: OutcomeProps) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Stack>
      <Alert role="status" variant="outline" color="green" icon={<IconCheck aria-hidden />}>
        <Text size="sm">{t('rejects.queued', { count: queued, amount: format.number(queued) })}</Text>
        {skipped.map(({ fault, count }) => (
          <Text size="sm" key={fault}>
            {t('rejects.skippedOf', { amount: format.number(count), why: t(`rejects.fault.${fault}`) })}
          </Text>
        ))}
        {left > 0 && <Text size="sm">{t('rejects.left', { count: left, amount: format.number(left) })}</Text>}
      </Alert>
      <Group justify="flex-end" gap="sm">
        {left > 0 && (
          <Button variant="default" onClick={onAgain}>
            {t('rejects.replay')}
          </Button>
        )}
        <Button onClick={onClose}>{t('forms.close')}</Button>
      </Group>
    </Stack>
  );
}
