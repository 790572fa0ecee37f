import { usersApi } from '#contracts';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call } from '../../api.js';

export const usersQuery = (search: string) =>
  queryOptions({
    queryKey: ['users', search],
    queryFn: () => call(usersApi.list, { query: { search, limit: 1000 } }),
    placeholderData: keepPreviousData,
  });
