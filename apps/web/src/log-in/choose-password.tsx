import type { SessionView } from '#contracts';
import { Button, PasswordInput, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ErrorNotice } from '../parts/error-notice.js';
import { useFieldErrors } from '../parts/use-field-errors.js';
import { useEnter } from './use-enter.js';

interface ChoosePasswordProps {
  email: string | null;
  /** Saves it; the answer is the session that begins. */
  onChosen: (chosen: { password: string }) => Promise<SessionView>;
}

/** A new password for who has a one-time link; it logs them in. */
export function ChoosePassword({ email, onChosen }: ChoosePasswordProps) {
  const { t } = useTranslation();
  const enter = useEnter();
  const form = useForm({ mode: 'uncontrolled', initialValues: { password: '' } });
  const saving = useMutation({ mutationFn: onChosen, onSuccess: enter });
  useFieldErrors(form, saving.error);
  return (
    <form onSubmit={form.onSubmit((values) => saving.mutate(values))}>
      {/* Tells the browser's password store whose password it is. */}
      <input type="text" name="username" autoComplete="username" value={email ?? ''} readOnly hidden />
      <Stack>
        <PasswordInput
          label={t('logIn.newPassword')}
          description={t('logIn.passwordHint')}
          autoComplete="new-password"
          minLength={12}
          required
          withAsterisk={false}
          key={form.key('password')}
          {...form.getInputProps('password')}
        />
        <ErrorNotice error={saving.error} />
        <Button type="submit" loading={saving.isPending} fullWidth>
          {t('logIn.accept')}
        </Button>
      </Stack>
    </form>
  );
}
