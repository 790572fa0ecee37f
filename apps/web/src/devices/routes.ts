import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '../routes.js';

const devicesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/devices',
  component: lazyRouteComponent(() => import('./devices-page.js'), 'DevicesPage'),
});

/** `?product=` chooses the product beforehand. */
const productOf = ({ product }: Record<string, unknown>): { product?: string } =>
  typeof product === 'string' ? { product } : {};

const newDeviceRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/devices/new',
  validateSearch: productOf,
  component: lazyRouteComponent(() => import('./register-device.js'), 'RegisterDevicePage'),
});

const deviceRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/devices/$id',
  component: lazyRouteComponent(() => import('./device-page.js'), 'DevicePage'),
});

export const deviceRoutes = [devicesRoute, newDeviceRoute, deviceRoute] as const;
