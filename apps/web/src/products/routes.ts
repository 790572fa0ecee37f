import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '../routes.js';

const productsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/products',
  component: lazyRouteComponent(() => import('./products-page.js'), 'ProductsPage'),
});

const newProductRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/products/new',
  component: lazyRouteComponent(() => import('./register-product.js'), 'RegisterProductPage'),
});

const productRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/products/$id',
  component: lazyRouteComponent(() => import('./product-page.js'), 'ProductPage'),
});

const editProductRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/products/$id/edit',
  component: lazyRouteComponent(() => import('./edit-product.js'), 'EditProductPage'),
});

const mappingRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/products/$id/mappings/$ecosystem',
  component: lazyRouteComponent(() => import('./mapping-page.js'), 'MappingPage'),
});

export const productRoutes = [productsRoute, newProductRoute, productRoute, editProductRoute, mappingRoute] as const;
