import { Button, Group, Stack } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useEffect, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api.js';
import { ErrorNotice } from '../parts/error-notice.js';
import classes from './form.module.css';

interface FormProps<Values> {
  form: UseFormReturnType<Values>;
  /** What is sent, and how that went: a TanStack mutation. */
  saving: { mutate: (values: Values) => void; error: unknown; isPending: boolean };
  submitLabel: string;
  /** For what cannot be undone. */
  isDangerous?: boolean;
  onCancel?: () => void;
  children: ReactNode;
}

/** The server names a field by the part of the request it stands in. */
const fieldOf = (path: string): string => path.replace(/^body\./, '');

/** After the problems have been drawn. */
function focusFirstProblem(form: HTMLFormElement | null | undefined): void {
  requestAnimationFrame(() => form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}

/**
 * Checks, sends, and says what went wrong: under the fields, and above the buttons. The first field with a problem takes
 * the focus, and what was typed stays. Only while sending can it not be sent again.
 */
export function Form<Values>({
  form,
  saving,
  submitLabel,
  isDangerous = false,
  onCancel,
  children,
}: FormProps<Values>) {
  const { t } = useTranslation();
  const element = useRef<HTMLFormElement>(null);
  const { setErrors } = form;
  useEffect(() => {
    if (!(saving.error instanceof ApiError)) return;
    const fields = Object.entries(saving.error.fieldErrors);
    setErrors(Object.fromEntries(fields.map(([path, text]) => [fieldOf(path), text])));
    focusFirstProblem(element.current);
  }, [saving.error, setErrors]);
  return (
    <form
      noValidate
      ref={element}
      className={classes.form}
      onSubmit={form.onSubmit(
        (values) => saving.mutate(values),
        (_errors, _values, event) => focusFirstProblem(event?.currentTarget),
      )}
    >
      <Stack>
        {children}
        <ErrorNotice error={saving.error} />
        <Group justify="flex-end" gap="sm">
          {onCancel !== undefined && (
            <Button variant="default" onClick={onCancel}>
              {t('forms.cancel')}
            </Button>
          )}
          <Button type="submit" loading={saving.isPending} {...(isDangerous && { color: 'red' })}>
            {submitLabel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
