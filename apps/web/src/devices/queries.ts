import { devicesApi, type CallOf } from '#contracts';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call } from '../api.js';

type Wanted = CallOf<typeof devicesApi.list>['query'];

/** Signals change by themselves: shown lists are asked for again now and then. */
const REFRESH_MS = 15_000;

export const devicesQuery = (wanted: Wanted = {}) =>
  queryOptions({
    queryKey: ['devices', 'list', wanted],
    queryFn: () => call(devicesApi.list, { query: { ...wanted, limit: 1000 } }),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });

export const deviceQuery = (id: string) =>
  queryOptions({
    queryKey: ['devices', id],
    queryFn: () => call(devicesApi.get, { params: { id } }),
    refetchInterval: REFRESH_MS,
  });
