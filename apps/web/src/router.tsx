import type { QueryClient } from '@tanstack/react-query';
import { createRouter } from '@tanstack/react-router';
import { adminRoutes } from './admin/routes.js';
import { deviceRoutes } from './devices/routes.js';
import { gatewayRoutes } from './gateways/routes.js';
import { importRoutes } from './imports/routes.js';
import { liveRoutes } from './live/routes.js';
import { notificationRoutes } from './notifications/routes.js';
import { Loading } from './parts/loading.js';
import { productRoutes } from './products/routes.js';
import { rejectRoutes } from './rejects/routes.js';
import { linkRoute, logInRoute, rootRoute, shellRoute } from './routes.js';
import { NotFoundPage, ProblemPage } from './shell/problem-page.js';
import { trialRoutes } from './trials/routes.js';

/** Each feature lists its pages in its own `routes.ts`; a page's code is fetched when it is gone to. */
const pages = [
  ...liveRoutes,
  ...trialRoutes,
  ...deviceRoutes,
  ...importRoutes,
  ...gatewayRoutes,
  ...productRoutes,
  ...rejectRoutes,
  ...notificationRoutes,
  ...adminRoutes,
] as const;
const routeTree = rootRoute.addChildren([logInRoute, linkRoute, shellRoute.addChildren(pages)]);

export function createAppRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0, // TanStack Query keeps the data
    defaultPendingComponent: Loading,
    defaultErrorComponent: ProblemPage,
    defaultNotFoundComponent: NotFoundPage,
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
