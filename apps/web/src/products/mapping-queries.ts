import { mappingsApi, type CallOf } from '#contracts';
import type { Ecosystem } from '#domain';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call } from '../api.js';

export type Tried = CallOf<typeof mappingsApi.preview>['body'];

export const mappingsQuery = (productId: string) =>
  queryOptions({
    queryKey: ['products', productId, 'mappings'],
    queryFn: () => call(mappingsApi.list, { params: { id: productId } }),
  });

export const previewQuery = (of: { id: string; ecosystem: Ecosystem }, body: Tried | null) =>
  queryOptions({
    queryKey: ['mapping-preview', of, body],
    queryFn: () => call(mappingsApi.preview, { params: of, body: body ?? { rules: [] } }),
    enabled: body !== null,
    placeholderData: keepPreviousData,
  });
