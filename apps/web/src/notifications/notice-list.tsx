import { notificationsApi, type NotificationView } from '#contracts';
import { ActionIcon, Anchor, Badge, Text, VisuallyHidden } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import type { MouseEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { Age } from '../parts/age.js';
import frame from '../parts/entries.module.css';
import classes from './notice-list.module.css';
import { NOTIFICATIONS_KEY } from './queries.js';
import { useNoticeText } from './use-notice-text.js';

const COLOURS = { info: 'blue', warning: 'yellow', critical: 'red' } as const;

export function NoticeList({ notices }: { notices: NotificationView[] }) {
  return (
    <ol className={frame.list}>
      {notices.map((notice) => (
        <Notice key={notice.id} notice={notice} />
      ))}
    </ol>
  );
}

/** Going to what it is about is reading it. */
function Notice({ notice }: { notice: NotificationView }) {
  const { t } = useTranslation();
  const router = useRouter();
  const text = useNoticeText()(notice);
  const queryClient = useQueryClient();
  const isUnread = notice.readAt === null;
  const marking = useMutation({
    mutationFn: () => call(notificationsApi.markRead, { params: { id: notice.id } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: NOTIFICATIONS_KEY }),
  });
  const open = (event: MouseEvent): void => {
    if (isUnread) marking.mutate();
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // the browser opens another tab or window
    event.preventDefault();
    router.history.push(notice.link);
  };
  return (
    <li className={classes.notice} data-unread={isUnread || undefined}>
      <div className={classes.words}>
        {isUnread && <VisuallyHidden>{t('notifications.unread')}: </VisuallyHidden>}
        <Anchor href={notice.link} onClick={open} fw={isUnread ? 700 : 400} display="inline-block">
          {text}
        </Anchor>
        <div className={classes.facts}>
          <Badge variant="outline" color={COLOURS[notice.severity]} className={classes.badge}>
            {t(`notifications.severity.${notice.severity}`)}
          </Badge>
          <Text size="sm" c="dimmed" component="span">
            <Age at={notice.createdAt} />
          </Text>
          <Text size="sm" c="dimmed" component="span">
            {notice.closedAt === null ? t('notifications.ongoing') : <Over at={notice.closedAt} />}
          </Text>
        </div>
      </div>
      {isUnread && (
        <ActionIcon
          variant="default"
          size={36}
          loading={marking.isPending}
          aria-label={t('notifications.markReadOf', { text })}
          title={t('notifications.markRead')}
          onClick={() => marking.mutate()}
        >
          <IconCheck size={18} aria-hidden />
        </ActionIcon>
      )}
    </li>
  );
}

function Over({ at }: { at: string }) {
  const { t } = useTranslation();
  return (
    <>
      {t('notifications.over')} <Age at={at} />
    </>
  );
}
