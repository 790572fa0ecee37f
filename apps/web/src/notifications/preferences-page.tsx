import { notificationsApi, type NotificationPreferences, type NotificationPreferencesView } from '#contracts';
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { useFormat } from '../format.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { PageState } from '../parts/page-state.js';
import { PageTitle } from '../parts/page-title.js';
import { ChannelSection } from './channel-section.js';
import { preferencesQuery } from './queries.js';
import { WhenSection } from './when-section.js';

/** What one is told, how and when. */
export function PreferencesPage() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(preferencesQuery);
  const title = t('notifications.preferences.title');
  if (data === undefined) return <PageState title={title} error={error} onRetry={() => void refetch()} />;
  return (
    <>
      <PageTitle title={title} lead={t('notifications.preferences.lead')} />
      <Preferences view={data} />
    </>
  );
}

const hasSameEnds = ({ quiet }: NotificationPreferences): boolean => quiet !== null && quiet.fromHour === quiet.toHour;

function Preferences({ view }: { view: NotificationPreferencesView }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [chosen, setChosen] = useState(view.preferences);
  const saving = useMutation({
    mutationFn: (body: NotificationPreferences) => call(notificationsApi.setPreferences, { body }),
    onSuccess: (saved) => queryClient.setQueryData(preferencesQuery.queryKey, saved),
  });
  const change = (part: Partial<NotificationPreferences>): void => {
    setChosen((before) => ({ ...before, ...part }));
    saving.reset();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!hasSameEnds(chosen)) saving.mutate(chosen);
      }}
    >
      <Stack>
        <MailState view={view} />
        <ChannelSection view={view} chosen={chosen} onChange={change} />
        {view.mail.isPossible && <WhenSection view={view} chosen={chosen} onChange={change} />}
        <ErrorNotice error={saving.error} />
        <Group justify="flex-end" gap="md">
          <Text role="status">{saving.isSuccess && t('notifications.preferences.saved')}</Text>
          <Button type="submit" loading={saving.isPending}>
            {t('notifications.preferences.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function MailState({ view: { mail } }: { view: NotificationPreferencesView }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!mail.isPossible)
    return (
      <Alert variant="outline" color="blue">
        <Text size="sm">{t('notifications.preferences.noMail')}</Text>
      </Alert>
    );
  if (mail.stuckSince === null) return null;
  return (
    <Alert variant="outline" color="red">
      <Text size="sm">{t('notifications.preferences.stuck', { at: format.dateTime(mail.stuckSince) })}</Text>
    </Alert>
  );
}
