import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '../routes.js';

const gatewaysRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/gateways',
  component: lazyRouteComponent(() => import('./gateways-page.js'), 'GatewaysPage'),
});

const newGatewayRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/gateways/new',
  component: lazyRouteComponent(() => import('./register-gateway.js'), 'RegisterGatewayPage'),
});

const gatewayRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/gateways/$id',
  component: lazyRouteComponent(() => import('./gateway-page.js'), 'GatewayPage'),
});

export const gatewayRoutes = [gatewaysRoute, newGatewayRoute, gatewayRoute] as const;
