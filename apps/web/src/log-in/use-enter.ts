import type { SessionView } from '#contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { sessionQuery } from '../session.js';

/** Takes a fresh session into use: forgets what anybody before could see, and goes to `back` or the first page. */
export function useEnter(back = '/'): (session: SessionView) => void {
  const queryClient = useQueryClient();
  const router = useRouter();
  return (session) => {
    queryClient.clear();
    queryClient.setQueryData(sessionQuery.queryKey, session);
    router.history.push(back);
  };
}
