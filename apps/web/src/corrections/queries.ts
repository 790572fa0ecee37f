import { countersApi, usageCorrectionsApi, type CallOf } from '#contracts';
import { keepPreviousData, type QueryClient, queryOptions } from '@tanstack/react-query';
import { call } from '../api.js';

const REFRESH_MS = 15_000;

/** What was reported and decided of a device begins with these. */
const correctionsKey = (deviceId: string) => ['corrections', deviceId] as const;

/** Asks again for everything that shows a device's use. */
export const refreshUse = (queryClient: QueryClient, deviceId: string): Promise<unknown> =>
  Promise.all(
    [correctionsKey(deviceId), ['entries', deviceId], ['devices', deviceId]].map((queryKey) =>
      queryClient.invalidateQueries({ queryKey }),
    ),
  );

export const correctionsQuery = (id: string) =>
  queryOptions({
    queryKey: [...correctionsKey(id), 'decisions'],
    queryFn: () => call(usageCorrectionsApi.list, { params: { id } }),
    refetchInterval: REFRESH_MS,
  });

type Wanted = Pick<CallOf<typeof usageCorrectionsApi.usages>['query'], 'metric' | 'only' | 'limit'>;

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

/** Written in full, and its end does not lie after its beginning. */
export const isReversed = ({ from, to }: Period): boolean => Boolean(from && to) && !liesAfter(to, from);

const liesAfter = (one: string | null, other: string | null): boolean =>
  Date.parse(one ?? '') > Date.parse(other ?? '');

/** How many usages a period holds; asked only once it is a period. */
export const previewQuery = (id: string, { from, to, metric }: Period) =>
  queryOptions({
    queryKey: [...correctionsKey(id), 'preview', from, to, metric],
    queryFn: () =>
      call(usageCorrectionsApi.preview, {
        params: { id },
        query: { from: from ?? '', to: to ?? '', ...(metric !== null && { metric }) },
      }),
    enabled: liesAfter(to, from),
  });

export const countersQuery = (id: string) =>
  queryOptions({
    queryKey: [...correctionsKey(id), 'counters'],
    queryFn: () => call(countersApi.list, { params: { id } }),
    refetchInterval: REFRESH_MS,
  });
