import { notificationsApi } from '#contracts';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { call } from '../api.js';

const PAGE = 50;
const REFRESH_MS = 30_000;

/** Everything below it is read anew when something has been read or came. */
export const NOTIFICATIONS_KEY = ['notifications'];

export const unreadQuery = queryOptions({
  queryKey: [...NOTIFICATIONS_KEY, 'unread'],
  queryFn: () => call(notificationsApi.unread),
  refetchInterval: REFRESH_MS,
});

export const listQuery = infiniteQueryOptions({
  queryKey: [...NOTIFICATIONS_KEY, 'list'],
  queryFn: ({ pageParam: offset }) => call(notificationsApi.list, { query: { limit: PAGE, offset } }),
  initialPageParam: 0,
  getNextPageParam: ({ total }, _pages, offset) => (offset + PAGE < total ? offset + PAGE : undefined),
  refetchInterval: REFRESH_MS,
});

export const preferencesQuery = queryOptions({
  queryKey: [...NOTIFICATIONS_KEY, 'preferences'],
  queryFn: () => call(notificationsApi.preferences),
});
