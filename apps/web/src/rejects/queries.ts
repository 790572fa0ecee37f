import { rejectsApi, type CallOf } from '#contracts';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call } from '../api.js';

type Wanted = CallOf<typeof rejectsApi.list>['query'];
type Counted = CallOf<typeof rejectsApi.counts>['query'];

const REFRESH_MS = 15_000;
/** While replayed messages are on their way. */
const WATCH_MS = 1_500;

export const rejectsQuery = (wanted: Wanted) =>
  queryOptions({
    queryKey: ['rejects', 'list', wanted],
    queryFn: () => call(rejectsApi.list, { query: wanted }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: { data } }) =>
      data?.rows.some(({ replay }) => replay?.outcome === 'waiting') ? WATCH_MS : REFRESH_MS,
  });

export const countsQuery = (wanted: Counted) =>
  queryOptions({
    queryKey: ['rejects', 'counts', wanted],
    queryFn: () => call(rejectsApi.counts, { query: wanted }),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });

export const groupsQuery = (wanted: Omit<Counted, 'step'>) =>
  queryOptions({
    queryKey: ['rejects', 'groups', wanted],
    queryFn: () => call(rejectsApi.groups, { query: wanted }),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });
