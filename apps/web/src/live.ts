import { liveApi, type LivePage } from '#contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { call } from './api.js';
import type { LiveView } from './live/apply-deltas.js';
import { keyOf } from './live/live-key.js';

const FALLBACK_MS = 5_000;

const fetchView = ({ kind, id }: LivePage): Promise<LiveView> =>
  kind === 'unit' ? call(liveApi.unit, { params: { id } }) : call(liveApi.trial, { params: { id } });

/** Watches a page for as long as it is shown. The socket's code is fetched beside the snapshot, not before it. */
function useWatch(kind: LivePage['kind'], id: string): boolean {
  const queryClient = useQueryClient();
  const [isConnected, setIsConnected] = useState(false);
  useEffect(() => {
    let stop = (): void => undefined;
    let hasLeft = false;
    void import('./live/live-connection.js').then(({ watchPage }) => {
      if (!hasLeft) stop = watchPage({ kind, id }, queryClient, setIsConnected);
    }, reportError);
    return () => {
      hasLeft = true;
      stop();
    };
  }, [kind, id, queryClient]);
  return isConnected;
}

export type LiveStatus = 'live' | 'interrupted';

/**
 * A live page's snapshot, kept fresh by deltas; while the connection is broken the snapshot is fetched every five
 * seconds instead, so figures never just stop.
 */
export function useLive<View extends LiveView>(kind: LivePage['kind'], id: string) {
  const isConnected = useWatch(kind, id);
  const query = useQuery({
    queryKey: keyOf({ kind, id }),
    queryFn: () => fetchView({ kind, id }) as Promise<View>,
    refetchInterval: isConnected ? false : FALLBACK_MS,
  });
  const status: LiveStatus = isConnected ? 'live' : 'interrupted';
  return { ...query, status };
}
