import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '../routes.js';

const organisationRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/organisation',
  component: lazyRouteComponent(() => import('./organisation/organisation-page.js'), 'OrganisationPage'),
});

const usersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/users',
  component: lazyRouteComponent(() => import('./users/users-page.js'), 'UsersPage'),
});

const auditRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/audit',
  component: lazyRouteComponent(() => import('./audit/audit-page.js'), 'AuditPage'),
});

const systemRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/system',
  component: lazyRouteComponent(() => import('./system/system-page.js'), 'SystemPage'),
});

const storageRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/storage',
  component: lazyRouteComponent(() => import('./storage/storage-page.js'), 'StoragePage'),
});

export const adminRoutes = [organisationRoute, usersRoute, auditRoute, systemRoute, storageRoute] as const;
