import { identityApi } from '#contracts';
import { Button, PasswordInput, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { useFormat } from '../format.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { PageTitle } from '../parts/page-title.js';
import { useFieldErrors } from '../parts/use-field-errors.js';
import type { OneTimeLinkView } from './one-time-link.js';
import { useEnter } from './use-enter.js';

export function AcceptInvitation({ token, link }: { token: string; link: OneTimeLinkView }) {
  const { t } = useTranslation();
  const format = useFormat();
  const enter = useEnter();
  const form = useForm({ mode: 'uncontrolled', initialValues: { password: '' } });
  const accept = useMutation({
    mutationFn: (body: typeof form.values) => call(identityApi.acceptInvitation, { params: { token }, body }),
    onSuccess: enter,
  });
  useFieldErrors(form, accept.error);
  const title =
    link.name === null ? t('logIn.invitationTitleNameless') : t('logIn.invitationTitle', { name: link.name });
  return (
    <>
      <PageTitle
        title={title}
        lead={t('logIn.invitationLead', { email: link.email, until: format.dateTime(link.expiresAt) })}
      />
      <form onSubmit={form.onSubmit((values) => accept.mutate(values))}>
        {/* Tells the browser's password store whose password it is. */}
        <input type="text" name="username" autoComplete="username" value={link.email ?? ''} readOnly hidden />
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
          <ErrorNotice error={accept.error} />
          <Button type="submit" loading={accept.isPending} fullWidth>
            {t('logIn.accept')}
          </Button>
        </Stack>
      </form>
    </>
  );
}
