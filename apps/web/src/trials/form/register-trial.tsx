import { trialsApi, type CallOf } from '#contracts';
import { Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api.js';
import { Form } from '../../forms/form.js';
import beside from '../../forms/preview.module.css';
import { RestoredDraft } from '../../forms/restored-draft.js';
import { RegisterTrial } from '../../forms/schemas.js';
import { useDraft } from '../../forms/use-draft.js';
import { useToday } from '../../forms/use-today.js';
import { PageTitle } from '../../parts/page-title.js';
import { BenefitSection } from './benefit-section.js';
import { CostsSection } from './costs-section.js';
import { newTrial, type TrialDraft } from './drafts.js';
import { GoalsSection } from './goals-section.js';
import { NeedSection } from './need-section.js';
import { Preview } from './preview.js';
import { useTrialForm } from './use-trial-form.js';
import { WhenSection } from './when-section.js';
import { WhoSection } from './who-section.js';

type Body = CallOf<typeof trialsApi.register>['body'];

/** A trial is registered whole, in one page of calm parts with the calculation beside them. */
export function RegisterTrialPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const today = useToday();
  const [empty] = useState(() => newTrial(today));
  const form = useTrialForm(RegisterTrial, empty);
  const draft = useDraft(form, 'trial');
  const saving = useMutation({
    mutationFn: (values: TrialDraft) => call(trialsApi.register, { body: values as Body }),
    onSuccess: async ({ id }) => {
      draft.forget();
      await queryClient.invalidateQueries({ queryKey: ['trials'] });
      await navigate({ to: '/trials/$id', params: { id } });
    },
  });
  const discard = () => {
    draft.forget();
    form.setValues(empty);
  };
  return (
    <>
      <PageTitle title={t('trials.register')} lead={t('trials.registerLead')} />
      <Stack>
        <RestoredDraft isShown={draft.isRestored} onDiscard={discard} />
        <div className={beside.layout}>
          <Form
            form={form}
            saving={saving}
            submitLabel={t('trials.register')}
            onCancel={() => void navigate({ to: '/trials' })}
          >
            <NeedSection form={form} />
            <WhoSection form={form} />
            <WhenSection form={form} />
            <GoalsSection form={form} />
            <CostsSection form={form} />
            <BenefitSection form={form} />
          </Form>
          <Preview form={form} />
        </div>
      </Stack>
    </>
  );
}
