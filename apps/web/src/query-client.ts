import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError } from './api.js';

const isLoggedOut = (error: unknown): boolean => error instanceof ApiError && error.status === 401;

/** Only what may pass by itself is tried again: no answer, or a server that is starting or overloaded. */
const mayPass = (error: unknown): boolean => error instanceof ApiError && (error.status === 0 || error.status >= 502);

/** The page's cache of answers; `onLoggedOut` hears of every answer 401, whoever asked. */
export function createQueryClient(onLoggedOut: () => void): QueryClient {
  const onError = (error: unknown): void => {
    if (isLoggedOut(error)) onLoggedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: { staleTime: 10_000, retry: (count, error) => count < 2 && mayPass(error) },
    },
  });
}
