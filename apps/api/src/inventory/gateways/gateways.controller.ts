import { gatewaysApi, type RequestOf, type ResponseOf } from '#contracts';
import { Controller } from '@nestjs/common';
import { type CallerOf, Route } from '../../http/route.js';
import { GatewaysService } from './gateways.service.js';

type Api = typeof gatewaysApi;

@Controller()
export class GatewaysController {
  constructor(private readonly gateways: GatewaysService) {}

  @Route(gatewaysApi.list)
  list(scope: CallerOf<Api['list']>, { query }: RequestOf<Api['list']>): Promise<ResponseOf<Api['list']>> {
    return this.gateways.list(scope, query);
  }

  @Route(gatewaysApi.get)
  get(scope: CallerOf<Api['get']>, { params }: RequestOf<Api['get']>): Promise<ResponseOf<Api['get']>> {
    return this.gateways.get(scope, params.id);
  }

  @Route(gatewaysApi.register)
  register(
    scope: CallerOf<Api['register']>,
    { body }: RequestOf<Api['register']>,
  ): Promise<ResponseOf<Api['register']>> {
    return this.gateways.register(scope, body);
  }

  @Route(gatewaysApi.edit)
  edit(scope: CallerOf<Api['edit']>, { params, body }: RequestOf<Api['edit']>): Promise<ResponseOf<Api['edit']>> {
    return this.gateways.edit(scope, { id: params.id, change: body });
  }

  @Route(gatewaysApi.rotateSecret)
  rotateSecret(
    scope: CallerOf<Api['rotateSecret']>,
    { params, body }: RequestOf<Api['rotateSecret']>,
  ): Promise<ResponseOf<Api['rotateSecret']>> {
    return this.gateways.rotateSecret(scope, { id: params.id, revokeOld: body.revokeOld });
  }

  @Route(gatewaysApi.close)
  close(scope: CallerOf<Api['close']>, { params }: RequestOf<Api['close']>): Promise<ResponseOf<Api['close']>> {
    return this.gateways.close(scope, params.id);
  }

  @Route(gatewaysApi.addChild)
  addChild(
    scope: CallerOf<Api['addChild']>,
    { params, body }: RequestOf<Api['addChild']>,
  ): Promise<ResponseOf<Api['addChild']>> {
    return this.gateways.addChild(scope, { id: params.id, ...body });
  }

  @Route(gatewaysApi.removeChild)
  removeChild(
    scope: CallerOf<Api['removeChild']>,
    { params }: RequestOf<Api['removeChild']>,
  ): Promise<ResponseOf<Api['removeChild']>> {
    return this.gateways.removeChild(scope, params);
  }
}
