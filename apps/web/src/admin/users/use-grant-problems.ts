import type { FormErrors } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import type { z } from 'zod';
import { useProblemsOf } from '../../forms/problems.js';
import type { GrantDraft } from './grant-fields.js';

/** The schema's checks, and in plain words that a role must hold somewhere and end after it begins. */
export function useGrantProblems(schema: z.ZodType, prefix = ''): (values: unknown, grant: GrantDraft) => FormErrors {
  const { t } = useTranslation();
  const problemsOf = useProblemsOf(schema);
  return (values, { nodeId, trialId, startsAt, endsAt }) => ({
    ...problemsOf(values),
    ...(nodeId === null && trialId === null && { [`${prefix}nodeId`]: t('forms.problem.choose') }),
    ...(startsAt && endsAt && endsAt <= startsAt && { [`${prefix}endsAt`]: t('forms.problem.reversed') }),
  });
}
