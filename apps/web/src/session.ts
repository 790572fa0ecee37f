import { identityApi, type SessionView } from '#contracts';
import type { Permission } from '#domain';
import { queryOptions, useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { ApiError, call } from './api.js';

/** Who is logged in; `null` for nobody. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async (): Promise<SessionView | null> => {
    try {
      return await call(identityApi.session);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

/** The session of a page inside the shell, where somebody is always logged in. */
export function useSession(): SessionView {
  const { data } = useSuspenseQuery(sessionQuery);
  if (data === null) throw new ApiError(401, { code: 'not_logged_in', message: 'Log in first.' });
  return data;
}

/** The session where there may be none: log-in and one-time link. */
export function useSessionOrNull(): SessionView | null {
  return useQuery({ ...sessionQuery, enabled: false }).data ?? null;
}

/** Whether a role of yours, anywhere, permits it; the server checks the very thing. */
export function useMay(permission: Permission): boolean {
  return useSession().permissions.includes(permission);
}
