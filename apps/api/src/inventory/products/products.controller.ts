import { productsApi, type RequestOf, type ResponseOf } from '#contracts';
import { Controller } from '@nestjs/common';
import { type CallerOf, Route } from '../../http/route.js';
import { ProductsService } from './products.service.js';

type Api = typeof productsApi;

@Controller()
export class ProductsController {
  constructor(private readonly products: ProductsService) {}

  @Route(productsApi.list)
  list(scope: CallerOf<Api['list']>, { query }: RequestOf<Api['list']>): Promise<ResponseOf<Api['list']>> {
    return this.products.list(scope, query);
  }

  @Route(productsApi.get)
  get(scope: CallerOf<Api['get']>, { params }: RequestOf<Api['get']>): Promise<ResponseOf<Api['get']>> {
    return this.products.get(scope, params.id);
  }

  @Route(productsApi.register)
  register(
    scope: CallerOf<Api['register']>,
    { body }: RequestOf<Api['register']>,
  ): Promise<ResponseOf<Api['register']>> {
    return this.products.register(scope, body);
  }

  @Route(productsApi.edit)
  edit(scope: CallerOf<Api['edit']>, { params, body }: RequestOf<Api['edit']>): Promise<ResponseOf<Api['edit']>> {
    return this.products.edit(scope, { id: params.id, body });
  }
}
