import { usageEntriesApi } from '#contracts';
import { queryOptions } from '@tanstack/react-query';
import { call } from '../api.js';

const REFRESH_MS = 15_000;
const WATCH_MS = 1_000;

/** A device's newest entries; one that is on its way is followed until it is counted. */
export const entriesQuery = (id: string, limit: number) =>
  queryOptions({
    queryKey: ['entries', id, limit],
    queryFn: () => call(usageEntriesApi.list, { params: { id }, query: { limit } }),
    refetchInterval: ({ state: { data } }) =>
      data?.rows.some(({ outcome }) => outcome === 'waiting') ? WATCH_MS : REFRESH_MS,
  });
