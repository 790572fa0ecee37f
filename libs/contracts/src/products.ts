import { FAMILY_CODES, INTERFACE_OPENNESS, MDR_CLASSES } from '#domain';
import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { ById, Id, Instant, name, Page, pageOf, PositiveOre, text } from './values.js';

export const RegisterProduct = z
  .object({
    family: z.enum(FAMILY_CODES),
    supplier: name(120),
    model: name(120),
    priceOnceOre: PositiveOre.default(0),
    priceMonthOre: PositiveOre.default(0),
    mdrClass: z.enum(MDR_CLASSES).default('none'),
    ceMarked: z.boolean().default(false),
    intendedPurpose: text(2000).default(''),
    interfaceOpenness: z.enum(INTERFACE_OPENNESS).default('unknown'),
    contractReference: text(200).default(''),
    licenceCount: z.number().int().min(0).max(1_000_000).nullable().default(null),
  })
  .meta({ id: 'RegisterProduct' });
export type RegisterProduct = z.output<typeof RegisterProduct>;

export const ProductView = z
  .object({
    ...RegisterProduct.shape,
    priceOnceOre: PositiveOre,
    priceMonthOre: PositiveOre,
    id: Id,
    devices: z.number().int(),
    trials: z.number().int(),
    createdAt: Instant,
  })
  .meta({ id: 'Product' });
export type ProductView = z.output<typeof ProductView>;

export const productsApi = {
  list: endpoint({
    method: 'GET',
    path: '/api/products',
    access: 'product:read',
    summary: 'The municipality’s products',
    query: Page,
    response: pageOf(ProductView),
  }),
  get: endpoint({
    method: 'GET',
    path: '/api/products/:id',
    access: 'product:read',
    summary: 'One product',
    params: ById,
    response: ProductView,
  }),
  register: endpoint({
    method: 'POST',
    path: '/api/products',
    access: 'product:edit',
    summary: 'Register a product',
    body: RegisterProduct,
    response: ProductView,
  }),
  edit: endpoint({
    method: 'PUT',
    path: '/api/products/:id',
    access: 'product:edit',
    summary: 'Change a product',
    params: ById,
    body: RegisterProduct,
    response: ProductView,
  }),
};
