import { placementsApi, type CallOf } from '#contracts';
import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { call } from '../api.js';

type Wanted = CallOf<typeof placementsApi.list>['query'];

export const placementsQuery = (wanted: Wanted) =>
  queryOptions({
    queryKey: ['placements', wanted],
    queryFn: () => call(placementsApi.list, { query: { ...wanted, limit: 1000 } }),
  });

/** After custody changed: placements, devices and the trials that count them are asked for again. */
export function useCustodyChanged(): () => Promise<unknown> {
  const queryClient = useQueryClient();
  return () =>
    Promise.all(
      ['placements', 'devices', 'trials', 'live'].map((key) => queryClient.invalidateQueries({ queryKey: [key] })),
    );
}
