import { productsApi } from '#contracts';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call } from '../api.js';

export const productsQuery = (search = '') =>
  queryOptions({
    queryKey: ['products', 'list', search],
    queryFn: () => call(productsApi.list, { query: { search, limit: 1000 } }),
    placeholderData: keepPreviousData,
  });

export const productQuery = (id: string) =>
  queryOptions({ queryKey: ['products', id], queryFn: () => call(productsApi.get, { params: { id } }) });
