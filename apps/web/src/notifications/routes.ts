import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '../routes.js';

const listRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/notifications',
  component: lazyRouteComponent(() => import('./notifications-page.js'), 'NotificationsPage'),
});

/** Mails link here. */
const preferencesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/notifications/preferences',
  component: lazyRouteComponent(() => import('./preferences-page.js'), 'PreferencesPage'),
});

export const notificationRoutes = [listRoute, preferencesRoute] as const;
