import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '../routes.js';

const unitsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/',
  component: lazyRouteComponent(() => import('./units-page.js'), 'UnitsPage'),
});

const unitRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/units/$id',
  component: lazyRouteComponent(() => import('./unit-page.js'), 'UnitPage'),
});

const trialLiveRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/trials/$id/live',
  component: lazyRouteComponent(() => import('./trial-page.js'), 'TrialPage'),
});

export const liveRoutes = [unitsRoute, unitRoute, trialLiveRoute] as const;
