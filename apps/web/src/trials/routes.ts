import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '../routes.js';

const trialsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/trials',
  component: lazyRouteComponent(() => import('./trials-page.js'), 'TrialsPage'),
});

const newTrialRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/trials/new',
  component: lazyRouteComponent(() => import('./form/register-trial.js'), 'RegisterTrialPage'),
});

const planRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/trials/$id',
  component: lazyRouteComponent(() => import('./page/plan-page.js'), 'PlanPage'),
});

const editTrialRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/trials/$id/edit',
  component: lazyRouteComponent(() => import('./form/edit-trial.js'), 'EditTrialPage'),
});

const trialDevicesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/trials/$id/devices',
  component: lazyRouteComponent(() => import('./page/devices-page.js'), 'TrialDevicesPage'),
});

const stagesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/trials/$id/stages',
  component: lazyRouteComponent(() => import('./page/stages-page.js'), 'StagesPage'),
});

const realisationRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/trials/$id/realisation',
  component: lazyRouteComponent(() => import('./page/realisation-page.js'), 'RealisationPage'),
});

export const trialRoutes = [
  trialsRoute,
  newTrialRoute,
  planRoute,
  editTrialRoute,
  trialDevicesRoute,
  stagesRoute,
  realisationRoute,
] as const;
