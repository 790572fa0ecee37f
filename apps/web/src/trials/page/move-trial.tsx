import { trialsApi, type CallOf, type TrialView } from '#contracts';
import { isReasonRequired, type TrialStage } from '#domain';
import { Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../../api.js';
import { FormDialog } from '../../forms/dialog.js';
import { Form } from '../../forms/form.js';
import { useProblemsOf } from '../../forms/problems.js';
import { ReasonField } from '../../forms/reason-field.js';
import { trialsApi as forms } from '../../forms/schemas.js';
import { trialQuery } from '../queries.js';

type Draft = { stage: TrialStage; reason: string };

interface MoveTrialProps {
  trial: TrialView;
  to: TrialStage;
  onClose: () => void;
}

/** Asks once more, and for a reason where the rules want one, before a trial changes its stage. */
export default function MoveTrial({ trial, to, onClose }: MoveTrialProps) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const isReasonNeeded = isReasonRequired(trial.stage, to);
  const problemsOf = useProblemsOf(forms.move.body);
  const form = useForm<Draft>({
    initialValues: { stage: to, reason: '' },
    validate: (draft) => ({
      ...(isReasonNeeded && draft.reason.trim() === '' && { reason: t('errors.code.reason_required') }),
      ...problemsOf(draft),
    }),
  });
  const saving = useMutation({
    mutationFn: (body: Draft) =>
      call(trialsApi.move, { params: { id: trial.id }, body: body satisfies CallOf<typeof trialsApi.move>['body'] }),
    onSuccess: async (moved) => {
      queryClient.setQueryData(trialQuery(trial.id).queryKey, moved);
      await Promise.all(['trials', 'live'].map((key) => queryClient.invalidateQueries({ queryKey: [key] })));
      onClose();
    },
  });
  const stage = t(`words.stage.${to}`);
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={t('trials.move.confirm', { from: t(`words.stage.${trial.stage}`), to: stage })}
    >
      <Form
        form={form}
        saving={saving}
        submitLabel={t('trials.move.to', { stage })}
        isDangerous={to === 'stopped'}
        onCancel={onClose}
      >
        <Text size="sm">{t(`trials.stageExplained.${to}`)}</Text>
        <ReasonField
          label={t('forms.reason')}
          description={isReasonNeeded ? t('trials.move.reasonNeeded') : t('forms.optional')}
          withAsterisk={isReasonNeeded}
          maxLength={1000}
          minRows={3}
          data-autofocus
          {...form.getInputProps('reason')}
        />
      </Form>
    </FormDialog>
  );
}
