import { rejectsApi, type CallOf } from '#contracts';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call } from '../api.js';

type Wanted = CallOf<typeof rejectsApi.list>['query'];

const REFRESH_MS = 15_000;

export const rejectsQuery = (wanted: Wanted) =>
  queryOptions({
    queryKey: ['rejects', wanted],
    queryFn: () => call(rejectsApi.list, { query: wanted }),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });
