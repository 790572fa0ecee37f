import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import type { z } from 'zod';
import { useProblemsOf } from '../../forms/problems.js';
import type { TrialDraft, TrialForm } from './drafts.js';

const isReversed = (from: string | null, to: string | null): boolean => from !== null && to !== null && to <= from;

/** The contract's checks, and that a trial ends after it starts (rule `trial_dates`). */
export function useTrialForm(schema: z.ZodType, initialValues: TrialDraft): TrialForm {
  const { t } = useTranslation();
  const problemsOf = useProblemsOf(schema);
  return useForm<TrialDraft>({
    initialValues,
    validate: (draft) => ({
      ...(isReversed(draft.plannedStartsOn, draft.plannedEndsOn) && { plannedEndsOn: t('errors.code.trial_dates') }),
      ...problemsOf(draft),
    }),
  });
}
