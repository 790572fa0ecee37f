import { notificationsApi } from '#contracts';
import { Button, Group, Stack } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { EmptyState } from '../parts/empty-state.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { ButtonLink } from '../parts/links.js';
import { Loading } from '../parts/loading.js';
import { PageTitle } from '../parts/page-title.js';
import { NoticeList } from './notice-list.js';
import { listQuery, NOTIFICATIONS_KEY } from './queries.js';

/** One's own notifications, the unread first. */
export function NotificationsPage() {
  const { t } = useTranslation();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(listQuery);
  const [first] = data?.pages ?? [];
  const notices = data?.pages.flatMap(({ rows }) => rows) ?? [];
  return (
    <>
      <PageTitle
        title={t('notifications.title')}
        lead={t('notifications.lead')}
        actions={
          <>
            {first !== undefined && first.unread > 0 && <MarkAllRead until={first.asOf} />}
            <ButtonLink to="/notifications/preferences" variant="default">
              {t('notifications.choose')}
            </ButtonLink>
          </>
        }
      />
      <Stack>
        <ErrorNotice error={error} onRetry={() => void refetch()} />
        {data === undefined && error === null && <Loading />}
        {first?.total === 0 && <EmptyState title={t('notifications.none')} text={t('notifications.noneExplained')} />}
        {notices.length > 0 && <NoticeList notices={notices} />}
        {hasNextPage && (
          <Group justify="center">
            <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
              {t('forms.showMore')}
            </Button>
          </Group>
        )}
      </Stack>
    </>
  );
}

/** What came after the list was read stays unread. */
function MarkAllRead({ until }: { until: string }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const marking = useMutation({
    mutationFn: () => call(notificationsApi.markAllRead, { body: { until } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: NOTIFICATIONS_KEY }),
  });
  return (
    <>
      <ErrorNotice error={marking.error} />
      <Button variant="default" loading={marking.isPending} onClick={() => marking.mutate()}>
        {t('notifications.markAllRead')}
      </Button>
    </>
  );
}
