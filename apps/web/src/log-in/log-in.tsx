import { identityApi } from '#contracts';
import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { PageTitle } from '../parts/page-title.js';
import { Card } from './card.js';
import { useEnter } from './use-enter.js';

const route = getRouteApi('/log-in');

export function LogIn() {
  const { t } = useTranslation();
  const { back } = route.useSearch();
  const enter = useEnter(back);
  const form = useForm({ mode: 'uncontrolled', initialValues: { email: '', password: '' } });
  const logIn = useMutation({
    mutationFn: (body: typeof form.values) => call(identityApi.logIn, { body }),
    onSuccess: enter,
  });
  return (
    <Card>
      <PageTitle title={t('logIn.title')} lead={t('logIn.lead')} />
      <form onSubmit={form.onSubmit((values) => logIn.mutate(values))}>
        <Stack>
          <TextInput
            label={t('logIn.email')}
            type="email"
            autoComplete="username"
            required
            withAsterisk={false}
            key={form.key('email')}
            {...form.getInputProps('email')}
          />
          <PasswordInput
            label={t('logIn.password')}
            autoComplete="current-password"
            required
            withAsterisk={false}
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
          <ErrorNotice error={logIn.error} />
          <Button type="submit" loading={logIn.isPending} fullWidth mt="xs">
            {t('logIn.submit')}
          </Button>
        </Stack>
      </form>
    </Card>
  );
}
