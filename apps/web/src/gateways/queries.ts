import { gatewaysApi } from '#contracts';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call } from '../api.js';

/** Connections and heard names change by themselves. */
const REFRESH_MS = 10_000;

export const gatewaysQuery = (search = '') =>
  queryOptions({
    queryKey: ['gateways', 'list', search],
    queryFn: () => call(gatewaysApi.list, { query: { search, limit: 1000 } }),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });

export const gatewayQuery = (id: string) =>
  queryOptions({
    queryKey: ['gateways', id],
    queryFn: () => call(gatewaysApi.get, { params: { id } }),
    refetchInterval: REFRESH_MS,
  });
