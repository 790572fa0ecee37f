import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '../routes.js';

const importsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/devices/imports',
  component: lazyRouteComponent(() => import('./imports-page.js'), 'ImportsPage'),
});

const newImportRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/devices/imports/new',
  component: lazyRouteComponent(() => import('./upload-page.js'), 'UploadPage'),
});

const importRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/devices/imports/$id',
  component: lazyRouteComponent(() => import('./import-page.js'), 'ImportPage'),
});

export const importRoutes = [importsRoute, newImportRoute, importRoute] as const;
