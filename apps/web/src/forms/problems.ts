import type { FormErrors } from '@mantine/form';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** What is wrong with one field, in the reader's language. */
function problemText(issue: Issue, t: TFunction): string {
  switch (issue.code) {
    case 'too_small':
      return tooSmall(issue, t);
    case 'too_big':
      return tooBig(issue, t);
    case 'invalid_type':
      return t(issue.expected === 'int' ? 'forms.problem.wholeNumber' : 'forms.problem.missing');
    case 'invalid_value':
      return t('forms.problem.choose');
    case 'invalid_format':
      return formatText(issue.format, t);
    case 'not_multiple_of':
    case 'unrecognized_keys':
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return t('forms.problem.other');
  }
}

function tooSmall({ origin, minimum }: z.core.$ZodIssueTooSmall, t: TFunction): string {
  if (origin !== 'string') return t('forms.problem.min', { min: Number(minimum) });
  return Number(minimum) <= 1 ? t('forms.problem.missing') : t('forms.problem.tooShort', { count: Number(minimum) });
}

function tooBig({ origin, maximum }: z.core.$ZodIssueTooBig, t: TFunction): string {
  return t(origin === 'string' ? 'forms.problem.tooLong' : 'forms.problem.max', { count: Number(maximum) });
}

function formatText(format: string, t: TFunction): string {
  switch (format) {
    case 'date':
      return t('forms.problem.date');
    case 'datetime':
      return t('forms.problem.instant');
    case 'uuid':
      return t('forms.problem.choose');
    case 'email':
      return t('forms.problem.email');
    default:
      return t('forms.problem.other');
  }
}

/** Checks values by a contract's own schema: field path → the first thing wrong with it; empty when all is well. */
export function useProblemsOf(schema: z.ZodType): (values: unknown) => FormErrors {
  const { t } = useTranslation();
  return (values) => {
    const issues = schema.safeParse(values).error?.issues ?? [];
    // The first problem of a field is the one to show, so it is written last.
    return Object.fromEntries([...issues].reverse().map((issue) => [issue.path.join('.'), problemText(issue, t)]));
  };
}
