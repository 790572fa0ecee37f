import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { showLanguage } from './i18n/index.js';
import { sessionQuery } from './session.js';
import { Root } from './shell/root.js';
import { Shell } from './shell/shell.js';

export const rootRoute = createRootRouteWithContext<{ queryClient: QueryClient }>()({ component: Root });

/** Every page of somebody who is logged in stands below this route; others are sent to log in and back. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'shell',
  beforeLoad: async ({ context, location }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery);
    if (session === null) return redirect({ to: '/log-in', search: { back: location.href }, throw: true });
    await showLanguage(session.user.locale);
  },
  component: Shell,
});

/** Only an address within these pages is gone back to. */
const backOf = ({ back }: Record<string, unknown>): { back?: string } =>
  typeof back === 'string' && /^\/(?![/\\])/.test(back) ? { back } : {};

export const logInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/log-in',
  validateSearch: backOf,
  component: lazyRouteComponent(() => import('./log-in/log-in.js'), 'LogIn'),
});

export const linkRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/link/$token',
  component: lazyRouteComponent(() => import('./log-in/one-time-link.js'), 'OneTimeLink'),
});
