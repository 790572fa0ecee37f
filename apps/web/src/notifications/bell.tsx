import { IconBell } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import classes from './bell.module.css';
import { unreadQuery } from './queries.js';

const MOST_SHOWN = 99;

/** Leads to the notifications and says how many are unread, to eye and ear. */
export function NotificationBell() {
  const { t } = useTranslation();
  const unread = useQuery(unreadQuery).data?.unread ?? 0;
  const label = unread === 0 ? t('notifications.bell') : t('notifications.bellUnread', { count: unread });
  return (
    <Link to="/notifications" className={classes.bell} aria-label={label} title={label}>
      <IconBell size={18} stroke={1.6} aria-hidden />
      {unread > 0 && (
        <span className={classes.count} aria-hidden>
          {unread > MOST_SHOWN ? `${MOST_SHOWN}+` : unread}
        </span>
      )}
    </Link>
  );
}
