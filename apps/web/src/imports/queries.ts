import { usageImportsApi, type UsageImportView } from '#contracts';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call } from '../api.js';

export const importsQuery = (limit: number) =>
  queryOptions({
    queryKey: ['imports', 'list', limit],
    queryFn: () => call(usageImportsApi.list, { query: { limit } }),
    placeholderData: keepPreviousData,
  });

/** How many lines are still on their way from the inbox to what is counted. */
export const linesWaiting = ({ status, good, taken, refused }: UsageImportView): number =>
  status === 'sent' ? Math.max(0, good - taken - refused) : 0;

const WATCH_MS = 1_500;

export const importQuery = (id: string) =>
  queryOptions({
    queryKey: ['imports', id],
    queryFn: () => call(usageImportsApi.get, { params: { id } }),
    refetchInterval: ({ state: { data } }) => (data !== undefined && linesWaiting(data) > 0 ? WATCH_MS : false),
  });
