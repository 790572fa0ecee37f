import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '../routes.js';

const rejectsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/rejects',
  component: lazyRouteComponent(() => import('./rejects-page.js'), 'RejectsPage'),
});

export const rejectRoutes = [rejectsRoute] as const;
