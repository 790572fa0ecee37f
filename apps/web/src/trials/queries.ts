import { benefitsApi, trialsApi, type CallOf } from '#contracts';
import type { FamilyCode } from '#domain';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call } from '../api.js';

type Wanted = CallOf<typeof trialsApi.list>['query'];

export const trialsQuery = (wanted: Wanted) =>
  queryOptions({
    queryKey: ['trials', 'list', wanted],
    queryFn: () => call(trialsApi.list, { query: { ...wanted, limit: 1000 } }),
    placeholderData: keepPreviousData,
  });

export const trialQuery = (id: string) =>
  queryOptions({ queryKey: ['trials', id], queryFn: () => call(trialsApi.get, { params: { id } }) });

export const trialBenefitQuery = (id: string) =>
  queryOptions({ queryKey: ['trials', id, 'benefit'], queryFn: () => call(benefitsApi.trial, { params: { id } }) });

/** Trials of the same family or product anywhere in the municipality. */
export const similarQuery = (family: FamilyCode, productId: string | null) =>
  queryOptions({
    queryKey: ['trials', 'similar', family, productId],
    queryFn: () => call(trialsApi.similar, { query: { family, ...(productId !== null && { productId }) } }),
  });
