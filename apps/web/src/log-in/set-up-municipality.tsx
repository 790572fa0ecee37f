import { identityApi } from '#contracts';
import { DEFAULT_TIME_ZONE } from '#domain';
import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
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

export function SetUpMunicipality({ token, link }: { token: string; link: OneTimeLinkView }) {
  const { t } = useTranslation();
  const format = useFormat();
  const enter = useEnter();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: {
      municipality: '',
      timeZone: DEFAULT_TIME_ZONE,
      name: link.name ?? '',
      email: link.email ?? '',
      password: '',
    },
  });
  const setUp = useMutation({
    mutationFn: (body: typeof form.values) => call(identityApi.setUp, { params: { token }, body }),
    onSuccess: enter,
  });
  useFieldErrors(form, setUp.error);
  const field = (name: keyof typeof form.values) => ({
    required: true,
    withAsterisk: false,
    key: form.key(name),
    ...form.getInputProps(name),
  });
  return (
    <>
      <PageTitle
        title={t('logIn.setUpTitle')}
        lead={t('logIn.setUpLead', { until: format.dateTime(link.expiresAt) })}
      />
      <form onSubmit={form.onSubmit((values) => setUp.mutate(values))}>
        <Stack>
          <TextInput label={t('logIn.municipality')} autoComplete="organization" {...field('municipality')} />
          <TextInput label={t('logIn.timeZone')} {...field('timeZone')} />
          <TextInput label={t('logIn.yourName')} autoComplete="name" {...field('name')} />
          <TextInput label={t('logIn.email')} type="email" autoComplete="username" {...field('email')} />
          <PasswordInput
            label={t('logIn.newPassword')}
            description={t('logIn.passwordHint')}
            autoComplete="new-password"
            minLength={12}
            {...field('password')}
          />
          <ErrorNotice error={setUp.error} />
          <Button type="submit" loading={setUp.isPending} fullWidth>
            {t('logIn.create')}
          </Button>
        </Stack>
      </form>
    </>
  );
}
