import { countersApi, usageCorrectionsApi, type CallOf } from '#contracts';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call } from '../api.js';

const REFRESH_MS = 15_000;

/** All that a decision about a device's usages changes begins with these. */
export const correctionsKey = (deviceId: string) => ['corrections', deviceId] as const;

export const correctionsQuery = (id: string) =>
  queryOptions({
    queryKey: [...correctionsKey(id), 'decisions'],
    queryFn: () => call(usageCorrectionsApi.list, { params: { id } }),
    refetchInterval: REFRESH_MS,
  });

export type Wanted = Pick<CallOf<typeof usageCorrectionsApi.usages>['query'], 'metric' | 'only' | 'limit'>;

/** A device's single usages; while somebody chooses among them the list stands still. */
export const usagesQuery = (id: string, wanted: Wanted, standsStill: boolean) =>
  queryOptions({
    queryKey: [...correctionsKey(id), 'usages', wanted],
    queryFn: () => call(usageCorrectionsApi.usages, { params: { id }, query: wanted }),
    placeholderData: keepPreviousData,
    refetchInterval: standsStill ? false : REFRESH_MS,
  });

export interface Period {
  from: string | null;
  to: string | null;
  metric: string | null;
}

/** How many usages a period holds; asked only once it is a period. */
export const previewQuery = (id: string, { from, to, metric }: Period) =>
  queryOptions({
    queryKey: [...correctionsKey(id), 'preview', from, to, metric],
    queryFn: () =>
      call(usageCorrectionsApi.preview, {
        params: { id },
        query: { from: from ?? '', to: to ?? '', ...(metric !== null && { metric }) },
      }),
    enabled: Boolean(from) && Boolean(to) && Date.parse(from ?? '') < Date.parse(to ?? ''),
  });

export const countersQuery = (id: string) =>
  queryOptions({
    queryKey: [...correctionsKey(id), 'counters'],
    queryFn: () => call(countersApi.list, { params: { id } }),
    refetchInterval: REFRESH_MS,
  });
